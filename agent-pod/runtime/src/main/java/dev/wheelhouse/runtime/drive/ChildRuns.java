package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;

/** The runs that a run delegated to. */
final class ChildRuns {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final String CANCEL = "{\"spec\":{\"cancel\":true}}";

    private final KubernetesClient client;
    private final ApiPermits permits;

    ChildRuns(KubernetesClient client, ApiPermits permits) {
        this.client = client;
        this.permits = permits;
    }

    /**
     * Cancels those that are not finished. Doing it twice is harmless.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException if it is not certain that all are cancelled
     */
    void cancelUnfinished(RunId parent) {
        List<Run> children = permits.call(() -> client.resources(Run.class)
                .inNamespace(parent.namespace())
                .withLabel(Api.LABEL_PARENT, parent.uid())
                .withField(Api.FIELD_COMPLETION_TIME, "")
                .list()
                .getItems());
        children.stream()
                .filter(child -> !Boolean.TRUE.equals(child.getSpec().cancel()))
                .forEach(child -> permits.call(() ->
                        client.resource(child).inNamespace(parent.namespace()).patch(MERGE, CANCEL)));
    }
}
