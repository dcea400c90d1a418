package dev.wheelhouse.plugin;

import io.fabric8.kubernetes.client.KubernetesClientException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Entry point of {@code kubectl wheelhouse}. */
@Command(
        name = "kubectl wheelhouse",
        description = "See what runs of Wheelhouse agents do, and decide what they ask.",
        mixinStandardHelpOptions = true,
        version = "0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TranscriptCommand.class,
            LogsCommand.class,
            TreeCommand.class,
            ArtifactsCommand.class,
            CancelCommand.class,
            ApprovalsCommand.class,
            TriggerCommand.class,
            BackfillCommand.class
        })
public final class KubectlWheelhouse {
    /** Exit code: a journal is not what was written. */
    static final int DAMAGED = 3;

    @Mixin
    private Connection connection;

    private KubectlWheelhouse() {}

    Connection connection() {
        return connection;
    }

    /** Runs a command and exits with its code. */
    public static void main(String[] args) {
        // Libraries may want to log; there is nobody to read it.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new KubectlWheelhouse()).setExecutionExceptionHandler((failure, command, _) -> {
            command.getErr().println("error: " + SafeText.line(explain(failure)));
            command.getErr().flush();
            return 1;
        });
    }

    private static String explain(Exception failure) {
        return switch (failure) {
            case CommandException e -> e.getMessage();
            case KubernetesClientException e
            when e.getStatus() != null && e.getStatus().getMessage() != null ->
                e.getStatus().getMessage();
            case KubernetesClientException e
            when e.getCause() != null ->
                "the cluster did not answer (" + e.getCause()
                        + "); 'kubectl cluster-info' tells whether it can be reached";
            default -> failure.toString();
        };
    }
}
