package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.runtime.outbound.Cidr;
import java.util.List;

/**
 * What the connections of one command are held to.
 *
 * @param sandbox name of its pod, for what people read
 * @param rules what may be reached; empty: nothing
 * @param limits caps, or null for the defaults
 * @param privateNetworks networks of the Tenant in which allowed hosts may lie
 * @param caBundle certificates, as PEM, that are trusted besides the public ones; or null
 * @param ca signs what the proxy shows the sandbox in place of the hosts' certificates
 * @param log journal of the run whose command is under way
 * @param counters shared by all connections of that run
 * @param connections of this command
 */
public record EgressScope(
        String sandbox,
        List<SandboxSpec.EgressRule> rules,
        SandboxSpec.EgressLimits limits,
        List<Cidr> privateNetworks,
        String caBundle,
        EgressCa ca,
        EgressLog log,
        EgressCounters counters,
        Connections connections) {
    public EgressScope {
        rules = rules == null ? List.of() : List.copyOf(rules);
        privateNetworks = privateNetworks == null ? List.of() : List.copyOf(privateNetworks);
    }

    /** The command is over: nothing leaves any more, and what did gets its end while the journal is open to it. */
    public void end() {
        connections.cut();
        log.over();
    }
}
