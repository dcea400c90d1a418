package dev.wheelhouse.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Optional;

/** Tells a namespace that is being deleted from other refusals: nothing can be made in it any more, and nobody is to blame. */
public final class LeavingNamespace {
    /** As the API server's admission plugin NamespaceLifecycle names the cause. */
    private static final String CAUSE = "NamespaceTerminating";

    private LeavingNamespace() {}

    /** Whether that is why the API server refused. */
    public static boolean refused(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                && Optional.ofNullable(e.getStatus())
                        .map(status -> status.getDetails())
                        .map(details -> details.getCauses())
                        .orElse(List.of())
                        .stream()
                        .anyMatch(cause -> CAUSE.equals(cause.getReason()));
    }
}
