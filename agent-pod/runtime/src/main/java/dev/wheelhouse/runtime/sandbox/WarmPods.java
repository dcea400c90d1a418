package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Takes warm sandboxes for runs. All runtimes of the namespace want the same ones; one write, which creates the
 * {@link SandboxClaim} with the pod's name, gives a pod to one of them.
 */
final class WarmPods {
    /** Pods that are tried: if so many were somebody else's a moment ago, the next ones are too. */
    private static final int TRIES = 4;

    private static final Logger LOG = Logger.getLogger(WarmPods.class);

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final Sandboxes sandboxes;
    private final InstantSource clock;

    WarmPods(KubernetesClient client, ApiPermits permits, Sandboxes sandboxes, InstantSource clock) {
        this.client = client;
        this.permits = permits;
        this.sandboxes = sandboxes;
        this.clock = clock;
    }

    /**
     * The session of a warm sandbox that is now this run's; empty if there is none to be had.
     *
     * @param shape as {@link dev.wheelhouse.api.v1alpha1.SandboxShape} has it
     * @param wanted what the run would ask the operator for
     */
    Optional<Session> take(RunId run, String shape, SandboxState.Request wanted) {
        int tries = 0;
        for (Session session : sandboxes.warm(shape)) {
            String uid = session.pod().uid();
            if (tries == TRIES) {
                return Optional.empty();
            }
            if (!sandboxes.reserve(uid, wanted.key())) {
                continue; // Another run of this process is taking it now.
            }
            tries++;
            SandboxClaim claim = new SandboxClaim(
                    session.pod().name(),
                    uid,
                    run.name(),
                    run.uid(),
                    wanted.key(),
                    wanted.after() == null ? "" : wanted.after(),
                    wanted.maxSeconds());
            boolean known = false;
            try {
                boolean ours = claimed(run, claim);
                known = true;
                if (ours) {
                    return Optional.of(session);
                }
                sandboxes.foreign(uid);
            } catch (KubernetesClientException e) {
                // It may be claimed all the same. Then the operator labels it as this run's, and it is found by that.
                LOG.debugf("%s: warm sandbox %s: %s", run, claim.pod(), e.getMessage());
                return Optional.empty();
            } finally {
                if (!known) {
                    sandboxes.release(uid, wanted.key());
                }
            }
        }
        return Optional.empty();
    }

    private boolean claimed(RunId run, SandboxClaim claim) {
        Lease lease = claim.lease(run.namespace(), clock.instant().atZone(ZoneOffset.UTC));
        try {
            permits.call(() -> client.resource(lease).create());
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
        Lease found = permits.call(() -> client.resource(lease).get());
        return found != null && SandboxClaim.of(found).filter(claim::equals).isPresent();
    }
}
