package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "cancel",
        description = "Cancel a run and the runs it delegated to. A tool call under way is waited for, so that its"
                + " outcome is known.",
        mixinStandardHelpOptions = true)
final class CancelCommand implements Callable<Integer> {
    private static final String PATCH = "{\"spec\":{\"cancel\":true}}";

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private KubectlWheelhouse top;

    @Parameters(paramLabel = "RUN", description = "Name of the Run.")
    private String name;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        try (var client = top.connection().open()) {
            RunReader reader = new RunReader(client, top.connection().namespace(client));
            Run run = reader.run(name);
            if (RunLine.complete(run)) {
                out.println("Run " + name + " has ended already: " + SafeText.line(RunLine.state(run)));
                out.flush();
                return 0;
            }
            out.println("kubectl -n " + reader.namespace() + " patch runs." + Api.GROUP + " " + name
                    + " --type=merge -p '" + PATCH + "'");
            client.resources(Run.class)
                    .inNamespace(reader.namespace())
                    .withName(name)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), PATCH);
            out.println("Run " + name + " is being cancelled.");
            out.flush();
            return 0;
        }
    }
}
