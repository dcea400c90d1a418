package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.EgressLimits;
import dev.wheelhouse.api.v1alpha1.SandboxSpec.EgressRule;
import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import dev.wheelhouse.runtime.egress.RequestHead.Framing;
import java.util.List;
import java.util.Set;

/** Decides what an Agent's rules allow. Pure: nothing is looked up or sent. */
final class Rules {
    private static final Set<String> NEVER = Set.of("CONNECT", "TRACE", "TRACK", "PRI");
    private static final long MIB = 1024 * 1024;

    private final List<EgressRule> rules;
    private final EgressLimits limits;

    Rules(List<EgressRule> rules, EgressLimits limits) {
        this.rules = rules;
        this.limits = limits;
    }

    /** A request that a rule allows. */
    record Allowed(Authority to, RequestPath path, RequestHead head, Framing framing, EgressRule rule) {}

    /** Most bytes of a request's body. */
    long requestBytes() {
        return limits == null || limits.requestBytes() == null ? MIB : limits.requestBytes();
    }

    /** Most bytes of an answer's body. */
    long responseBytes() {
        return limits == null || limits.responseBytes() == null ? 10 * MIB : limits.responseBytes();
    }

    /** Whether a rule at all is about the host that a tunnel is asked for. */
    Authority tunnel(RequestHead head) throws Refused {
        Authority to = Authority.parse(Scheme.https, head.target().contains(":") ? head.target() : "")
                .orElseThrow(() -> new Refused(400, "CONNECT names a host and a port, such as example.com:443"));
        List<String> hosts = head.all("Host");
        boolean same = hosts.isEmpty()
                || hosts.size() == 1
                        && Authority.parse(Scheme.https, hosts.getFirst())
                                .filter(to::equals)
                                .isPresent();
        if (!same) {
            throw new Refused(400, "the Host header differs from what CONNECT names");
        }
        if (!(head.framing() instanceof Framing.None) && !head.framing().equals(new Framing.Length(0))) {
            throw new Refused(400, "CONNECT has no body");
        }
        of(to);
        return to;
    }

    /** @param inside where the tunnel leads that the request came by, or null for one in the clear */
    Allowed judge(RequestHead head, Authority inside) throws Refused {
        if (NEVER.contains(head.method())) {
            throw new Refused(405, "the method " + head.method() + " is never allowed here");
        }
        if (head.has("Upgrade")) {
            throw new Refused(400, "protocol upgrades are not allowed");
        }
        Authority to = inside == null ? absolute(head.target()) : inside;
        RequestPath path = RequestPath.parse(inside == null ? afterAuthority(head.target()) : head.target());
        String host = head.host();
        if (Authority.parse(to.scheme(), host).filter(to::equals).isEmpty()) {
            throw new Refused(400, "the Host header differs from " + to);
        }
        Framing framing = head.framing();
        head.expectsContinue();
        EgressRule rule = of(to).stream()
                .filter(one -> allows(one, head.method(), path))
                .findFirst()
                .orElseThrow(() -> new Refused(
                        403,
                        "no rule of the Agent's spec.sandbox.egress for " + to + " allows " + head.method() + " "
                                + path.path() + "; its methods and paths would have to"));
        if (framing instanceof Framing.Length(var bytes) && bytes > requestBytes()) {
            throw tooLarge();
        }
        return new Allowed(to, path, head, framing, rule);
    }

    Refused tooLarge() {
        return new Refused(
                413,
                "a request's body has at most " + requestBytes() + " bytes (spec.sandbox.egressLimits.requestBytes)");
    }

    private List<EgressRule> of(Authority to) throws Refused {
        List<EgressRule> found =
                rules.stream().filter(rule -> authority(rule).equals(to)).toList();
        if (found.isEmpty()) {
            throw new Refused(403, "no rule of the Agent's spec.sandbox.egress allows " + to);
        }
        return found;
    }

    private static Authority authority(EgressRule rule) {
        Scheme scheme = rule.scheme() == null ? Scheme.https : rule.scheme();
        return new Authority(scheme, rule.host(), rule.port() == null ? Authority.defaultPort(scheme) : rule.port());
    }

    private static boolean allows(EgressRule rule, String method, RequestPath path) {
        List<String> methods = rule.methods() == null ? List.of("GET", "HEAD") : rule.methods();
        return methods.contains(method)
                && rule.paths() != null
                && rule.paths().stream().anyMatch(path::matches);
    }

    private static Authority absolute(String target) throws Refused {
        if (!target.regionMatches(true, 0, "http://", 0, 7)) {
            throw new Refused(
                    400, "a request in the clear has an absolute http:// URL; for https, clients ask with CONNECT");
        }
        int end = authorityEnd(target);
        return Authority.parse(Scheme.http, target.substring(7, end))
                .orElseThrow(() -> new Refused(400, "the URL does not name a host, and a port at most"));
    }

    private static String afterAuthority(String target) {
        String rest = target.substring(authorityEnd(target));
        return rest.isEmpty() ? "/" : rest;
    }

    private static int authorityEnd(String target) {
        int end = 7;
        while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        return end;
    }
}
