package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Failures;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.function.UnaryOperator;

/**
 * Writes Run.status: the only class of the runtime that does. Always a locked PUT on the resource version last seen;
 * after a conflict the baton decides whether to try again or to drop the run.
 */
final class RunStatusWriter {
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    /** Each conflict needs a foreign write between our read and our PUT: more in a row is not chance. */
    private static final int CONFLICTS = 10;

    /** What came of a write. */
    sealed interface Outcome {
        /** The status is as wanted; the run is as the API server has it. */
        record Written(Run run) implements Outcome {}

        /** The baton is somebody else's, or the run is deleted: write nothing more. */
        record NotOurs() implements Outcome {}

        /** Not known whether it was written: try again. */
        record Unknown(String message) implements Outcome {}

        /** The API server refuses it for good, which is a mistake of ours. */
        record Refused(String message) implements Outcome {}
    }

    private final KubernetesClient client;
    private final ApiPermits permits;

    RunStatusWriter(KubernetesClient client, ApiPermits permits) {
        this.client = client;
        this.permits = permits;
    }

    /**
     * Writes the status that {@code change} makes of the present one, unless it is the same.
     *
     * @param seen the run as last seen
     * @param change pure: called again after a conflict
     */
    Outcome write(Run seen, Baton baton, UnaryOperator<RunStatus> change) {
        Run current = seen;
        for (int i = 0; i < CONFLICTS; i++) {
            if (!baton.holder().mayAct()) {
                return new Outcome.NotOurs();
            }
            RunStatus wanted = change.apply(current.getStatus());
            if (wanted.equals(current.getStatus())) {
                return new Outcome.Written(current);
            }
            try {
                return new Outcome.Written(put(current, wanted));
            } catch (KubernetesClientException e) {
                if (e.getCode() != CONFLICT) {
                    return failure(e);
                }
            }
            try {
                Run found = read(baton, current);
                if (found != null && wanted.equals(found.getStatus())) {
                    // Ours: the reply to an earlier PUT was lost.
                    return new Outcome.Written(found);
                }
                if (!baton.ownedIn(found)) {
                    return new Outcome.NotOurs();
                }
                current = found;
            } catch (KubernetesClientException e) {
                return failure(e);
            }
        }
        return new Outcome.Unknown("somebody else keeps changing the run");
    }

    private static Outcome failure(KubernetesClientException e) {
        return switch (e.getCode()) {
            case NOT_FOUND -> new Outcome.NotOurs();
            case 400, 413, 422 -> new Outcome.Refused(Failures.reason(e));
            default -> new Outcome.Unknown(Failures.reason(e));
        };
    }

    private Run put(Run current, RunStatus wanted) {
        Run body = new Run();
        body.setMetadata(current.getMetadata());
        body.setSpec(current.getSpec());
        body.setStatus(wanted);
        return permits.callPolitely(
                current.getMetadata().getUid(),
                () -> client.resource(body)
                        .inNamespace(current.getMetadata().getNamespace())
                        .updateStatus());
    }

    private Run read(Baton baton, Run current) {
        Run found = permits.call(() -> client.resources(Run.class)
                .inNamespace(current.getMetadata().getNamespace())
                .withName(current.getMetadata().getName())
                .get());
        return found != null && found.getMetadata().getUid().equals(baton.runUid()) ? found : null;
    }
}
