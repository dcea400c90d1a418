package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Run;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "logs",
        description = "Print what a run did so far; with -f, go on as it happens until the run ends.",
        mixinStandardHelpOptions = true)
final class LogsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private KubectlWheelhouse top;

    @Option(
            names = {"-f", "--follow"},
            description = "Follow the run until it ends.")
    private boolean follow;

    @Option(names = "--full", description = "Show messages of any length in full.")
    private boolean full;

    @Parameters(paramLabel = "RUN", description = "Name of the Run.")
    private String name;

    @Override
    public Integer call() throws InterruptedException {
        var out = spec.commandLine().getOut();
        int maxChars = full ? Integer.MAX_VALUE : TranscriptCommand.SHORT;
        try (var client = top.connection().open()) {
            RunReader reader = new RunReader(client, top.connection().namespace(client));
            Run run = reader.run(name);
            LogPrinter printer = new LogPrinter(out, maxChars);
            if (follow) {
                RunReader.refuseOtherStores(run);
                return new Follower(reader, printer).follow(run);
            }
            printer.show(run, reader.journal(run));
            return printer.damaged() ? KubectlWheelhouse.DAMAGED : 0;
        }
    }
}
