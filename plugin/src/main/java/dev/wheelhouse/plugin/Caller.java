package dev.wheelhouse.plugin;

import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Who calls. */
final class Caller {
    private Caller() {}

    /** The caller as the API server authenticates him, after impersonation. */
    static UserInfo of(KubernetesClient client) {
        return client.resource(new SelfSubjectReviewBuilder().build())
                .create()
                .getStatus()
                .getUserInfo();
    }
}
