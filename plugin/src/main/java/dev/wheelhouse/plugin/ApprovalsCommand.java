package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.Decision;
import dev.wheelhouse.api.v1alpha1.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Each of these does what the {@code kubectl patch} that it prints would do. */
@Command(
        name = "approvals",
        description = "See what waits for a person, and decide it in your own name.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class ApprovalsCommand {
    private static final String NAME = "Name of the Approval.";
    private static final String REASON = "Why; a model is told the reason of a rejection.";
    private static final String HASH =
            "Hash of the request that you looked at, or its first 8 digits and more: another one is not decided.";

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private KubectlWheelhouse top;

    private interface Work {
        void with(ApprovalDesk desk, PrintWriter out);
    }

    private int at(Work work) {
        try (var client = top.connection().open()) {
            PrintWriter out = spec.commandLine().getOut();
            work.with(new ApprovalDesk(client, top.connection().namespace(client)), out);
            out.flush();
            return 0;
        }
    }

    private int decide(String name, String hash, Decision decision) {
        return at((desk, out) -> desk.decide(desk.get(name), hash, decision, out));
    }

    @Command(name = "list", description = "Show what waits for a decision.", mixinStandardHelpOptions = true)
    int list(@Option(names = "--all", description = "Settled ones as well.") boolean all) {
        return at((desk, out) -> {
            String row = "%-40s %-10s %-24s %-20s %-16s %s%n";
            out.printf(row, "NAME", "STATE", "RUN", "TOOL", "EXPIRES IN", "SUMMARY");
            desk.all().stream()
                    .filter(approval -> all || ApprovalDesk.phase(approval) == ApprovalStatus.Phase.Pending)
                    .forEach(approval -> {
                        ApprovalRequest request = approval.getSpec().request();
                        out.printf(
                                row,
                                approval.getMetadata().getName(),
                                ApprovalDesk.phase(approval),
                                SafeText.line(request.run().name()),
                                SafeText.line(request.tool().name()),
                                left(request.expiresAt()),
                                SafeText.line(Objects.requireNonNullElse(request.summary(), "")));
                    });
        });
    }

    private static String left(String expires) {
        try {
            Duration left = Duration.between(Instant.now(), Instant.parse(expires));
            return left.isNegative()
                    ? "over"
                    : left.toDays() > 1
                            ? left.toDays() + "d"
                            : left.toHours() > 1 ? left.toHours() + "h" : left.toMinutes() + "m";
        } catch (DateTimeParseException e) {
            return "?";
        }
    }

    @Command(
            name = "show",
            description = "Show one in full: what is asked, by whom, and what an edit changes.",
            mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "NAME", description = NAME) String name) {
        return at((desk, out) -> {
            Approval approval = desk.get(name);
            String superseded = approval.getSpec().request().supersedes();
            ApprovalPage.of(approval, Optional.ofNullable(superseded).map(desk::find))
                    .forEach(out::println);
        });
    }

    @Command(name = "approve", description = "Let the call be made as shown.", mixinStandardHelpOptions = true)
    int approve(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Option(names = "--reason", description = REASON) String reason,
            @Option(names = "--hash", description = HASH) String hash) {
        return decide(name, hash, new Decision(Verdict.Approve, reason, null, null, null));
    }

    @Command(name = "reject", description = "Do not let the call be made.", mixinStandardHelpOptions = true)
    int reject(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Option(names = "--reason", description = REASON) String reason,
            @Option(names = "--hash", description = HASH) String hash) {
        return decide(name, hash, new Decision(Verdict.Reject, reason, null, null, null));
    }

    @Command(
            name = "respond",
            description = "Answer a question, or give the result in place of the tool.",
            mixinStandardHelpOptions = true)
    int respond(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Parameters(paramLabel = "ANSWER", description = "The answer.") String answer,
            @Option(names = "--reason", description = REASON) String reason,
            @Option(names = "--hash", description = HASH) String hash) {
        return decide(name, hash, new Decision(Verdict.Respond, reason, null, answer, null));
    }

    @Command(
            name = "resolve",
            description = "Say what became of a call of unknown outcome: Happened, DidNotHappen or Abort.",
            mixinStandardHelpOptions = true)
    int resolve(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Parameters(paramLabel = "VERDICT", description = "Happened, DidNotHappen (it is done now), Abort.")
                    Verdict verdict,
            @Option(names = "--reason", description = "What happened; it becomes the tool's result.") String reason,
            @Option(names = "--hash", description = HASH) String hash) {
        if (!List.of(Verdict.Happened, Verdict.DidNotHappen, Verdict.Abort).contains(verdict)) {
            throw new CommandException("resolve takes Happened, DidNotHappen or Abort");
        }
        return decide(name, hash, new Decision(verdict, reason, null, null, null));
    }

    @Command(
            name = "edit",
            description = "Propose other arguments, in $EDITOR or from a file. Somebody else then has to approve them.",
            mixinStandardHelpOptions = true)
    int edit(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Option(
                            names = {"-f", "--filename"},
                            paramLabel = "FILE",
                            description = "New arguments as JSON; '-' reads them from standard input.")
                    Path file,
            @Option(names = "--reason", description = REASON) String reason,
            @Option(names = "--hash", description = HASH) String hash) {
        return at((desk, out) -> {
            Approval approval = desk.get(name);
            ApprovalRequest request = approval.getSpec().request();
            String before = Arguments.pretty(request.arguments());
            String after;
            try {
                after = file == null ? Editor.edit(before) : Editor.read(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            String arguments = Arguments.compact(after, request.schema());
            List<String> old = Arguments.lines(request.arguments());
            List<String> changed = Arguments.lines(arguments);
            if (old.equals(changed)) {
                throw new CommandException("nothing was changed, and nothing is decided");
            }
            LineDiff.lines(old, changed).forEach(out::println);
            desk.decide(approval, hash, new Decision(Verdict.Edit, reason, arguments, null, null), out);
        });
    }
}
