package dev.wheelhouse.core.approval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.Json;
import java.util.List;

/**
 * What is to be decided, field by field as in {@code Approval.spec.request}; that description holds here too.
 *
 * @param arguments canonical JSON text, exactly what is sent if it is approved
 * @param supersedes name of the Approval whose edit this one asks about, or null
 * @param rootRun name of the run at the top of a delegation, or null if that is the run itself
 */
public record Request(
        Kind kind,
        RunRef run,
        String agent,
        String callId,
        ToolRef tool,
        String summary,
        String arguments,
        Risk risk,
        String modelSays,
        String requester,
        List<String> excludedApprovers,
        List<String> approverGroups,
        List<String> escalationGroups,
        String escalatesAt,
        Boolean allowServiceAccounts,
        Integer quorum,
        Integer rejectQuorum,
        List<Verdict> verdicts,
        String schema,
        List<String> choices,
        String expiresAt,
        OnExpiry onExpiry,
        String nonce,
        String payloadHash,
        String supersedes,
        String rootRun) {
    /** What is asked. */
    public enum Kind {
        ToolCall,
        InDoubt,
        Question
    }

    /** How bad a wrong decision would be. */
    public enum Risk {
        Low,
        Medium,
        High
    }

    /** What happens at expiry. */
    public enum OnExpiry {
        Reject,
        FailRun
    }

    /** The run that waits. */
    public record RunRef(String name, String uid) {}

    /** The tool; {@code schemaDigest} as it was when the question was asked. */
    public record ToolRef(String server, String name, String schemaDigest) {}

    /** {@code sha256:hex} over the canonical JSON of a request, whatever hash it carries itself. */
    public static String hash(JsonNode request) {
        ObjectNode unhashed = request.deepCopy();
        unhashed.remove("payloadHash");
        return Canonical.digest(unhashed);
    }

    /** The same with its hash. */
    public Request hashed() {
        return new Request(
                kind,
                run,
                agent,
                callId,
                tool,
                summary,
                arguments,
                risk,
                modelSays,
                requester,
                excludedApprovers,
                approverGroups,
                escalationGroups,
                escalatesAt,
                allowServiceAccounts,
                quorum,
                rejectQuorum,
                verdicts,
                schema,
                choices,
                expiresAt,
                onExpiry,
                nonce,
                hash(Json.tree(this)),
                supersedes,
                rootRun);
    }
}
