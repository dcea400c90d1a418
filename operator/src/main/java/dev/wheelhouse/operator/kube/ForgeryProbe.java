package dev.wheelhouse.operator.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries to forge, as a dry run: to make a decided Approval, to decide in a foreign name, to use one up by its status. The
 * admission policies must refuse each of it; RBAC alone would not prove that they are there.
 */
public final class ForgeryProbe {
    /** What became of a forgery. */
    public enum Outcome {
        /** Our policy refused it. */
        REFUSED,
        /** It was let through, or something else than our policy refused it. */
        LET_THROUGH,
        /** The API server gave no answer, or the object has moved on. */
        UNKNOWN;

        /** Both were tried: the worse counts. */
        Outcome and(Outcome other) {
            return this == LET_THROUGH || other == REFUSED ? this : other;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ForgeryProbe.class);
    private static final String NOBODY = "wheelhouse-self-test";
    private static final String APPROVALS = "/apis/" + Api.GROUP + "/" + Api.VERSION + "/namespaces/%s/approvals";
    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;
    private final String ownNamespace;
    private final ObjectMapper mapper = new ObjectMapper();

    /** {@code ownNamespace}: where the operator lives, and may try to make an Approval. */
    public ForgeryProbe(KubernetesClient client, String ownNamespace) {
        this.client = client;
        this.ownNamespace = ownNamespace;
    }

    /** Tries to make an Approval that is already approved. */
    public Outcome creation() {
        return tried(
                "wheelhouse-approval-origin",
                () -> client.raw(
                        APPROVALS.formatted(ownNamespace) + "?dryRun=All", "POST", json(FORGED.formatted(NOBODY))));
    }

    /** Tries to decide this Approval in the name of somebody else, and to use it up. */
    public Outcome decision(Approval seen) {
        Approval live = client.resources(Approval.class)
                .inNamespace(seen.getMetadata().getNamespace())
                .withName(seen.getMetadata().getName())
                .get();
        if (live == null || ApprovalViews.settled(live)) {
            return Outcome.UNKNOWN;
        }
        Outcome decided = tried(
                "wheelhouse-approval-decisions",
                () -> client.resources(Approval.class)
                        .inNamespace(live.getMetadata().getNamespace())
                        .withName(live.getMetadata().getName())
                        .dryRun(true)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), foreignDecision(live)));
        return decided == Outcome.REFUSED ? decided.and(consumption(live)) : decided;
    }

    private Outcome consumption(Approval live) {
        ObjectNode body = mapper.valueToTree(live);
        ObjectNode status = body.withObject("status");
        status.put("phase", "Consumed");
        status.withObject("consumedBy").put("epoch", 0);
        String path = APPROVALS.formatted(live.getMetadata().getNamespace()) + "/"
                + live.getMetadata().getName() + "/status?dryRun=All";
        return tried("wheelhouse-approval-status", () -> client.raw(path, "PUT", body));
    }

    /** One that the schema lets through, so that it is the policy that has to refuse it. */
    private String foreignDecision(Approval live) {
        Map<String, ?> decisions = ApprovalViews.decisions(live);
        String user =
                decisions.size() < 16 ? NOBODY : decisions.keySet().iterator().next();
        Verdict verdict = live.getSpec().request().verdicts().getFirst();
        ObjectNode decision = mapper.createObjectNode().put("verdict", verdict.name());
        decision.put("reason", "a forgery, tried by the operator to see it refused");
        if (verdict == Verdict.Edit) {
            decision.put("arguments", "{}");
        } else if (verdict == Verdict.Respond) {
            decision.put("answer", "forged");
        }
        ObjectNode patch = mapper.createObjectNode();
        patch.withObject("metadata").put("uid", live.getMetadata().getUid());
        patch.withObject("spec").withObject("decisions").set(user, decision);
        return patch.toString();
    }

    private Outcome tried(String policy, Runnable forgery) {
        try {
            forgery.run();
            LOG.error("Policy {} let a forged decision through; nothing is decided until it is back", policy);
            return Outcome.LET_THROUGH;
        } catch (KubernetesClientException e) {
            return outcome(policy, e);
        }
    }

    private static Outcome outcome(String policy, KubernetesClientException e) {
        String message = String.valueOf(e.getMessage());
        if ((e.getCode() == HttpURLConnection.HTTP_FORBIDDEN || e.getCode() == UNPROCESSABLE)
                && message.contains("ValidatingAdmissionPolicy '" + policy + "'")) {
            return Outcome.REFUSED;
        }
        if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN || e.getCode() == UNPROCESSABLE) {
            LOG.warn("A forged decision was refused, but not by policy {}: {}", policy, message);
            return Outcome.LET_THROUGH;
        }
        return Outcome.UNKNOWN;
    }

    private ObjectNode json(String text) {
        try {
            return (ObjectNode) mapper.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static final String FORGED = """
            {"apiVersion": "wheelhouse.dev/v1alpha1", "kind": "Approval", "metadata": {"name": "%1$s"},
             "spec": {"request": {"kind": "ToolCall", "run": {"name": "%1$s", "uid": "%1$s"}, "callId": "%1$s",
               "tool": {"name": "none"}, "arguments": "{}", "risk": "Low", "quorum": 1, "rejectQuorum": 1,
               "verdicts": ["Approve"], "expiresAt": "1970-01-01T00:00:00Z", "onExpiry": "Reject",
               "nonce": "%1$s",
               "payloadHash": "sha256:0000000000000000000000000000000000000000000000000000000000000000"},
              "decisions": {"%1$s": {"verdict": "Approve"}}}}
            """;
}
