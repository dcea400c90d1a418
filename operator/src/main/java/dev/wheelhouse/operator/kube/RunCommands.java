package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.operator.domain.RunId;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;

/** What the operator does to whole runs: cancel a child, delete one whose time has come. */
public final class RunCommands {
    private final KubernetesClient client;

    public RunCommands(KubernetesClient client) {
        this.client = client;
    }

    /** Sets {@code spec.cancel}; a run that is gone needs none. */
    public void cancel(RunId run) {
        try {
            client.resources(Run.class)
                    .inNamespace(run.namespace())
                    .withName(run.name())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"uid\":\"" + run.uid() + "\"},\"spec\":{\"cancel\":true}}");
        } catch (KubernetesClientException e) {
            if (!absent(e)) {
                throw e;
            }
        }
    }

    /** What came of deleting a run. */
    public enum Deletion {
        /** It is no longer there. */
        GONE,
        /** Somebody wants it to stay, and said so before a watch told. */
        KEPT,
        /** It changed at the same moment. */
        CHANGED
    }

    /** Deletes exactly this run, its journal after it, unless it is to be kept: as it is now, however late watches are. */
    public Deletion delete(RunId run) {
        Run live = client.resources(Run.class)
                .inNamespace(run.namespace())
                .withName(run.name())
                .get();
        if (live == null || !live.getMetadata().getUid().equals(run.uid())) {
            return Deletion.GONE;
        }
        if (RunViews.kept(live)) {
            return Deletion.KEPT;
        }
        DeleteOptions options = new DeleteOptionsBuilder()
                .withNewPreconditions(live.getMetadata().getResourceVersion(), run.uid())
                .withPropagationPolicy("Background")
                .build();
        String path = "/apis/" + Api.GROUP + "/" + Api.VERSION + "/namespaces/" + run.namespace() + "/runs/";
        try {
            client.raw(path + run.name(), "DELETE", options);
            return Deletion.GONE;
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case HttpURLConnection.HTTP_NOT_FOUND -> Deletion.GONE;
                case HttpURLConnection.HTTP_CONFLICT -> Deletion.CHANGED;
                default -> throw e;
            };
        }
    }

    /** The object is gone, or is another one of the same name, which is not meant. */
    private static boolean absent(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || e.getCode() == HttpURLConnection.HTTP_CONFLICT;
    }
}
