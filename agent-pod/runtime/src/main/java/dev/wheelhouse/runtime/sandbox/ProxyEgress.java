package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.runtime.egress.Connections;
import dev.wheelhouse.runtime.egress.Egress;
import dev.wheelhouse.runtime.egress.EgressCa;
import dev.wheelhouse.runtime.egress.EgressCounters;
import dev.wheelhouse.runtime.egress.EgressScope;
import dev.wheelhouse.runtime.egress.JournaledEgress;
import dev.wheelhouse.runtime.outbound.Cidr;
import java.net.Socket;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/**
 * The egress proxy, with what each connection is held to: the rules of the command that began last in its sandbox. Where
 * nothing runs, nothing leaves.
 */
final class ProxyEgress implements SandboxEgress {
    /** Authorities and counters outlive sessions; those of pods and runs long gone make room. */
    private static final int REMEMBERED = 4096;

    private final Egress egress;
    private final Supplier<String> caBundle;
    private final Map<String, EgressCa> authorities = new LinkedHashMap<>();
    private final Map<String, EgressCounters> counters = new LinkedHashMap<>();
    private final Map<String, Deque<EgressScope>> open = new ConcurrentHashMap<>();

    /** @param caBundle the Tenant's, as PEM, or null; asked when a command begins that may reach something */
    ProxyEgress(Egress egress, Supplier<String> caBundle) {
        this.egress = egress;
        this.caBundle = caBundle;
    }

    @Override
    public String authority(SandboxPod pod) {
        return ca(pod.uid(), pod.name()).pem();
    }

    private EgressCa ca(String podUid, String pod) {
        synchronized (authorities) {
            EgressCa present = authorities.get(podUid);
            if (present == null) {
                present = EgressCa.create(pod);
                authorities.put(podUid, present);
                trim(authorities);
            }
            return present;
        }
    }

    private EgressCounters counters(ToolInvocation call) {
        synchronized (counters) {
            EgressCounters present = counters.get(call.run().uid());
            if (present == null) {
                present = new EgressCounters(call.notes().requests());
                counters.put(call.run().uid(), present);
                trim(counters);
            }
            present.atLeast(call.notes().requests());
            return present;
        }
    }

    private static <T> void trim(Map<String, T> map) {
        while (map.size() > REMEMBERED) {
            map.remove(map.keySet().iterator().next());
        }
    }

    @Override
    public Runnable open(String podUid, String pod, ToolInvocation call, SandboxBinding need) {
        EgressScope scope = new EgressScope(
                pod,
                need.egress(),
                need.egressLimits(),
                need.privateNetworks().stream().map(Cidr::parse).toList(),
                need.egress().isEmpty() ? null : caBundle.get(),
                ca(podUid, pod),
                new JournaledEgress(call.callId(), call.notes()),
                counters(call),
                new Connections());
        open.compute(podUid, (uid, present) -> {
            Deque<EgressScope> scopes = present == null ? new ConcurrentLinkedDeque<>() : present;
            scopes.addFirst(scope);
            return scopes;
        });
        return () -> {
            open.computeIfPresent(podUid, (uid, scopes) -> {
                scopes.remove(scope);
                return scopes.isEmpty() ? null : scopes;
            });
            scope.end();
        };
    }

    @Override
    public void serve(Socket socket, Session session) {
        Deque<EgressScope> scopes = open.get(session.pod().uid());
        EgressScope scope = scopes == null ? null : scopes.peekFirst();
        if (scope != null) {
            egress.serve(socket, scope);
        }
    }
}
