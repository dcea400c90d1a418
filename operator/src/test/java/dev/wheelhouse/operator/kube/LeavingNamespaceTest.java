package dev.wheelhouse.operator.kube;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;

class LeavingNamespaceTest {
    @Test
    void aRefusalIsNotBlamedOnTheNamespaceUnlessItLeaves() {
        Status leaves = new StatusBuilder()
                .withCode(403)
                .withNewDetails()
                .addNewCause("metadata.namespace", "namespace x is being terminated", "NamespaceTerminating")
                .endDetails()
                .build();
        assertTrue(LeavingNamespace.refused(new KubernetesClientException("no", 403, leaves)));
        assertFalse(LeavingNamespace.refused(new KubernetesClientException("no", 403, new Status())));
        assertFalse(LeavingNamespace.refused(new KubernetesClientException("no", 500, leaves)));
    }
}
