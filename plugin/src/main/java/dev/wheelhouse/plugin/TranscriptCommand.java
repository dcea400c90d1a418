package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Run;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "transcript",
        description = "Tell what a run did: who said what, tool calls and their outcomes, retries, takeovers, the cost"
                + " of each step, the answer. Checks the journal's hash chain.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the journal is intact", "1:the command failed", "2:wrong usage", "3:the journal is damaged"})
final class TranscriptCommand implements Callable<Integer> {
    /** Longest message shown without {@code --full}. */
    static final int SHORT = 2000;

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private KubectlWheelhouse top;

    @Option(names = "--full", description = "Show messages of any length in full.")
    private boolean full;

    @Parameters(paramLabel = "RUN", description = "Name of the Run.")
    private String name;

    @Override
    public Integer call() {
        try (var client = top.connection().open()) {
            RunReader reader = new RunReader(client, top.connection().namespace(client));
            Run run = reader.run(name);
            return print(spec.commandLine().getOut(), run, reader.journal(run), full ? Integer.MAX_VALUE : SHORT);
        }
    }

    /** Prints a run's story and its verdict; the exit code. */
    static int print(PrintWriter out, Run run, StoredJournal journal, int maxChars) {
        StoredJournal.Reading reading = journal.read();
        Verdict verdict = Verdict.of(reading, run.getStatus());
        Narrator narrator = new Narrator(maxChars);
        out.println("Run " + run.getMetadata().getNamespace() + "/"
                + run.getMetadata().getName() + ": " + SafeText.line(RunLine.state(run)));
        out.println();
        reading.records().forEach(record -> narrator.tell(record).forEach(out::println));
        if (!reading.records().isEmpty()) {
            out.println();
            out.println(narrator.totals());
        }
        out.println(SafeText.line(verdict.text()));
        out.flush();
        return verdict.sound() ? 0 : KubectlWheelhouse.DAMAGED;
    }
}
