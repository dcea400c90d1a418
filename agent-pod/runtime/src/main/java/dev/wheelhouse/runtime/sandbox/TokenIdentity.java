package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Believes a projected token that is bound to a pod: the API server says whose it is, and the pod must be a sandbox of
 * this namespace, be alive, and be where the connection comes from. So a token that leaked is of no use elsewhere.
 */
final class TokenIdentity implements Identity {
    private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
    private static final String POD_UID = "authentication.kubernetes.io/pod-uid";
    private static final long KEPT_NANOS = Duration.ofSeconds(10).toNanos();
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final int MAX_KEPT = 1024;
    private static final int MAX_TOKEN = 16 * 1024;

    private final KubernetesClient client;
    private final KnockBudget budget;
    private final String namespace;
    private final LongSupplier nanoTime;
    private final int looks;
    private final Map<String, Kept> kept = new LinkedHashMap<>();

    private record Kept(String podName, String podUid, long at) {}

    /** @param looks how often a pod is looked at that has no address yet: its node reports it a moment late */
    TokenIdentity(KubernetesClient client, ApiPermits permits, String namespace, LongSupplier nanoTime, int looks) {
        this.looks = looks;
        this.client = client;
        this.budget = new KnockBudget(permits, nanoTime);
        this.namespace = namespace;
        this.nanoTime = nanoTime;
    }

    @Override
    public SandboxPod of(String token, String pod, InetAddress from) throws NotAdmitted {
        if (token == null || token.isBlank() || token.length() > MAX_TOKEN) {
            throw new NotAdmitted("no usable token");
        }
        String hash = Canonical.sha256(token.getBytes(StandardCharsets.UTF_8));
        try {
            Kept reviewed = recent(hash);
            if (reviewed == null) {
                reviewed = review(token, from);
                keep(hash, reviewed);
            }
            return live(reviewed, pod, from);
        } catch (KubernetesClientException e) {
            // Its text may name what was sent.
            throw new NotAdmitted("identity cannot be checked now");
        }
    }

    private Kept review(String token, InetAddress from) throws NotAdmitted {
        TokenReview asked = new TokenReviewBuilder()
                .withNewSpec()
                .withToken(token)
                .withAudiences(Api.SANDBOX_AUDIENCE)
                .endSpec()
                .build();
        TokenReviewStatus status =
                budget.ask(from, () -> client.tokenReviews().create(asked)).getStatus();
        String user = "system:serviceaccount:" + namespace + ":" + Api.SANDBOX_SERVICE_ACCOUNT;
        if (status == null
                || !Boolean.TRUE.equals(status.getAuthenticated())
                || status.getAudiences() == null
                || !status.getAudiences().contains(Api.SANDBOX_AUDIENCE)
                || status.getUser() == null
                || !user.equals(status.getUser().getUsername())) {
            throw new NotAdmitted("the token is not that of a sandbox of this namespace");
        }
        String name = one(status, POD_NAME);
        String uid = one(status, POD_UID);
        if (name == null || uid == null) {
            throw new NotAdmitted("the token is not bound to a pod");
        }
        return new Kept(name, uid, nanoTime.getAsLong());
    }

    private static String one(TokenReviewStatus status, String key) {
        Map<String, List<String>> extra = status.getUser().getExtra();
        List<String> values = extra == null ? null : extra.get(key);
        return values == null || values.size() != 1 ? null : values.getFirst();
    }

    private SandboxPod live(Kept reviewed, String said, InetAddress from) throws NotAdmitted {
        Pod pod = read(reviewed.podName(), from);
        if (pod == null || !reviewed.podUid().equals(pod.getMetadata().getUid())) {
            throw new NotAdmitted("the token's pod does not exist any more");
        }
        SandboxPod sandbox = SandboxPod.of(pod);
        Map<String, String> labels = pod.getMetadata().getLabels();
        boolean right = labels != null
                && "sandbox".equals(labels.get(Api.LABEL_ROLE))
                && pod.getSpec() != null
                && Api.SANDBOX_SERVICE_ACCOUNT.equals(pod.getSpec().getServiceAccountName());
        if (!right || !reviewed.podName().equals(said)) {
            throw new NotAdmitted("the token's pod is no sandbox, or another one");
        }
        if (sandbox.over()) {
            throw new NotAdmitted("the pod is being ended");
        }
        if (!comesFrom(pod, from)) {
            throw new NotAdmitted("the connection does not come from the token's pod");
        }
        return sandbox;
    }

    private Pod read(String name, InetAddress from) throws NotAdmitted {
        Pod pod = null;
        for (int i = 0; i < looks; i++) {
            pod = budget.ask(
                    from,
                    () -> client.pods().inNamespace(namespace).withName(name).get());
            if (pod == null || (pod.getStatus() != null && pod.getStatus().getPodIP() != null) || i == looks - 1) {
                break;
            }
            try {
                Thread.sleep(BETWEEN_LOOKS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new NotAdmitted("this runtime ends");
            }
        }
        return pod;
    }

    private static boolean comesFrom(Pod pod, InetAddress from) {
        if (pod.getStatus() == null) {
            return false;
        }
        if (same(pod.getStatus().getPodIP(), from)) {
            return true;
        }
        return pod.getStatus().getPodIPs() != null
                && pod.getStatus().getPodIPs().stream().anyMatch(ip -> same(ip.getIp(), from));
    }

    /** Written addresses are never looked up in the DNS. */
    private static boolean same(String address, InetAddress from) {
        try {
            return address != null
                    && !address.isEmpty()
                    && InetAddress.ofLiteral(address).equals(from);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private synchronized Kept recent(String hash) {
        Kept found = kept.get(hash);
        return found != null && nanoTime.getAsLong() - found.at() < KEPT_NANOS ? found : null;
    }

    private synchronized void keep(String hash, Kept reviewed) {
        kept.remove(hash);
        kept.put(hash, reviewed);
        while (kept.size() > MAX_KEPT) {
            kept.remove(kept.keySet().iterator().next());
        }
    }
}
