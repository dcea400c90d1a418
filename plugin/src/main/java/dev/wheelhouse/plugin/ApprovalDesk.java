package dev.wheelhouse.plugin;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.Decision;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Approvals of a namespace: read them, and add one's own decision as {@code kubectl patch} would. */
final class ApprovalDesk {
    private final KubernetesClient client;
    private final String namespace;
    private final ObjectMapper json = new ObjectMapper();

    ApprovalDesk(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** Oldest first. */
    List<Approval> all() {
        return client.resources(Approval.class).inNamespace(namespace).list().getItems().stream()
                .sorted(Comparator.comparing(a -> a.getMetadata().getCreationTimestamp()))
                .toList();
    }

    /** @throws CommandException if there is none of this name */
    Approval get(String name) {
        Approval approval = find(name);
        if (approval == null) {
            throw new CommandException("there is no Approval '" + name + "' in namespace '" + namespace
                    + "'; 'kubectl wheelhouse approvals list' shows those that wait");
        }
        return approval;
    }

    /** Null if there is none of this name. */
    Approval find(String name) {
        return client.resources(Approval.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    static ApprovalStatus.Phase phase(Approval approval) {
        ApprovalStatus status = approval.getStatus();
        return status == null
                ? ApprovalStatus.Phase.Pending
                : Objects.requireNonNullElse(status.phase(), ApprovalStatus.Phase.Pending);
    }

    static Map<String, Decision> decisions(Approval approval) {
        return Objects.requireNonNullElse(approval.getSpec().decisions(), Map.of());
    }

    /**
     * Adds the caller's decision, bound to the request as it was read here.
     *
     * @throws CommandException if the request is not the one of {@code hash}, which may be a part, or is settled
     */
    void decide(Approval approval, String hash, Decision decision, PrintWriter out) {
        String name = approval.getMetadata().getName();
        String real = approval.getSpec().request().payloadHash();
        if (hash != null && !same(hash, real)) {
            throw new CommandException("Approval " + name + " asks about " + real + ", not about " + hash
                    + ": look again with 'kubectl wheelhouse approvals show " + name + "'");
        }
        if (phase(approval) != ApprovalStatus.Phase.Pending) {
            throw new CommandException("Approval " + name + " is already " + phase(approval));
        }
        String me = Caller.of(client).getUsername();
        String patch = patch(me, decision, real);
        out.println("kubectl -n " + namespace + " patch approvals." + Api.GROUP + " " + name + " --type=merge -p "
                + quoted(patch));
        client.resources(Approval.class)
                .inNamespace(namespace)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
        out.println(SafeText.line(me) + " decided: " + decision.verdict());
        out.flush();
    }

    private String patch(String user, Decision decision, String hash) {
        ObjectNode body =
                json.createObjectNode().put("verdict", decision.verdict().name());
        put(body, "reason", decision.reason());
        put(body, "arguments", decision.arguments());
        put(body, "answer", decision.answer());
        body.put("payloadHash", hash);
        ObjectNode patch = json.createObjectNode();
        patch.withObject("spec").withObject("decisions").set(user, body);
        return patch.toString();
    }

    private static void put(ObjectNode body, String name, String value) {
        if (value != null && !value.isEmpty()) {
            body.put(name, value);
        }
    }

    private static boolean same(String part, String hash) {
        String digits = part.startsWith("sha256:") ? part.substring(7) : part;
        return digits.length() >= 8 && hash.startsWith("sha256:" + digits);
    }

    /** For a shell. */
    private static String quoted(String text) {
        return "'" + SafeText.line(text).replace("'", "'\\''") + "'";
    }
}
