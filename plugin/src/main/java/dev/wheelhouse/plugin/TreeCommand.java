package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "tree",
        description = "Show a run and the runs it delegated to, with phase, step and cost.",
        mixinStandardHelpOptions = true)
final class TreeCommand implements Callable<Integer> {
    /** Delegation is at most ten deep; more would be a loop in forged labels. */
    private static final int MAX_DEPTH = 12;

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private KubectlWheelhouse top;

    @Parameters(paramLabel = "RUN", description = "Name of the Run at the top.")
    private String name;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        try (var client = top.connection().open()) {
            RunReader reader = new RunReader(client, top.connection().namespace(client));
            Run top = reader.run(name);
            if (top.getSpec().parent() != null) {
                out.println(
                        "(delegated by " + SafeText.line(top.getSpec().parent().name()) + ")");
            }
            RunTree.lines(top, descendants(reader, top)).forEach(out::println);
            out.flush();
            return 0;
        }
    }

    /** One request per level. */
    private static List<Run> descendants(RunReader reader, Run top) {
        List<Run> all = new ArrayList<>();
        List<Run> level = List.of(top);
        for (int depth = 0; depth < MAX_DEPTH && !level.isEmpty(); depth++) {
            level = reader.children(level);
            all.addAll(level);
        }
        return all;
    }
}
