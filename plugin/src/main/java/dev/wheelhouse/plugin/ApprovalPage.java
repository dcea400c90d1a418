package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a person has to know to decide, as text. Everything that comes from elsewhere is made harmless. */
final class ApprovalPage {
    private final Approval approval;
    private final ApprovalRequest request;
    private final List<String> lines = new ArrayList<>();

    private ApprovalPage(Approval approval) {
        this.approval = approval;
        this.request = approval.getSpec().request();
    }

    /** {@code superseded}: the Approval that this one edits, if it still exists. */
    static List<String> of(Approval approval, Optional<Approval> superseded) {
        ApprovalPage page = new ApprovalPage(approval);
        page.head();
        page.arguments(superseded);
        page.words();
        page.rules();
        page.decisions();
        page.next();
        return page.lines;
    }

    private void head() {
        field("Approval", approval.getMetadata().getName());
        field("State", ApprovalDesk.phase(approval).name());
        field(
                "Asks",
                switch (request.kind()) {
                    case ToolCall -> "may this call be made?";
                    case InDoubt -> "did this call happen? Its outcome is not known";
                    case Question -> "a question of the agent";
                });
        String server = request.tool().server();
        field("Tool", (server == null ? "" : server + "/") + request.tool().name() + ", risk " + request.risk());
        field("Run", request.run().name() + (request.agent() == null ? "" : " of agent " + request.agent()));
        field("Root run", request.rootRun());
        field("Requester", request.requester());
        field("Summary", request.summary());
    }

    private void arguments(Optional<Approval> superseded) {
        List<String> now = Arguments.lines(request.arguments());
        if (superseded.isPresent()) {
            section("Arguments, as edited since " + request.supersedes());
            indent(LineDiff.lines(
                    Arguments.lines(superseded.get().getSpec().request().arguments()), now));
        } else {
            section("Arguments");
            indent(now);
        }
    }

    private void words() {
        if (request.modelSays() != null && !request.modelSays().isBlank()) {
            section("The model says (words of a model: not to be trusted)");
            SafeText.lines(request.modelSays()).forEach(line -> lines.add("  | " + line));
        }
        if (request.choices() != null && !request.choices().isEmpty()) {
            section("Choices");
            request.choices().forEach(choice -> lines.add("  - " + SafeText.line(choice)));
        }
    }

    private void rules() {
        lines.add("");
        field("Needs", request.quorum() + " to approve, " + request.rejectQuorum() + " to reject");
        field(
                "Allowed",
                String.join(", ", request.verdicts().stream().map(Enum::name).toList()));
        field("Not by", joined(request.excludedApprovers()));
        field("Only by", joined(request.approverGroups()));
        field(
                "Expires",
                request.expiresAt() + ", then "
                        + switch (request.onExpiry()) {
                            case Reject -> "the model is told no";
                            case FailRun -> "the run fails";
                        });
        field("Hash", request.payloadHash());
    }

    private void decisions() {
        Map<String, Decision> decisions = ApprovalDesk.decisions(approval);
        if (!decisions.isEmpty()) {
            section("Decisions");
        }
        decisions.forEach((user, decision) -> {
            String reason = decision.reason() == null ? "" : ": " + decision.reason();
            lines.add("  " + SafeText.line(user + " " + decision.verdict() + reason));
            if (decision.arguments() != null) {
                indent(LineDiff.lines(Arguments.lines(request.arguments()), Arguments.lines(decision.arguments())));
            }
            if (decision.answer() != null) {
                SafeText.lines(decision.answer()).forEach(line -> lines.add("  | " + line));
            }
        });
        ApprovalStatus status = approval.getStatus();
        if (status != null && status.invalidDecisions() != null) {
            status.invalidDecisions()
                    .forEach((user, why) -> lines.add("  cannot be used: " + SafeText.line(user + ": " + why)));
        }
        if (status != null && status.conditions() != null) {
            status.conditions().stream()
                    .filter(c -> "IdentityVerified".equals(c.getType()) && "False".equals(c.getStatus()))
                    .forEach(c -> lines.add("  NOTHING COUNTS: " + SafeText.line(c.getMessage())));
        }
    }

    private void next() {
        if (ApprovalDesk.phase(approval) == ApprovalStatus.Phase.Pending) {
            lines.add("");
            String hash = request.payloadHash();
            lines.add("kubectl wheelhouse approvals approve|reject|... "
                    + approval.getMetadata().getName() + " --hash "
                    + (hash.length() > 19 ? hash.substring(0, 19) : hash));
        }
    }

    private void field(String name, String value) {
        if (value != null && !value.isEmpty()) {
            lines.add("%-10s ".formatted(name + ":") + SafeText.line(value));
        }
    }

    private void section(String title) {
        lines.add("");
        lines.add(SafeText.line(title) + ":");
    }

    private void indent(List<String> text) {
        text.forEach(line -> lines.add("  " + line));
    }

    private static String joined(List<String> names) {
        return names == null ? null : String.join(", ", names);
    }
}
