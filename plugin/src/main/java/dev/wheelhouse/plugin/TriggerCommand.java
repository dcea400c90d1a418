package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "trigger",
        description = "Start a run of a Schedule now, in your own name. Its times, its concurrencyPolicy and its"
                + " spendLimit are left alone.",
        mixinStandardHelpOptions = true)
final class TriggerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private KubectlWheelhouse top;

    @Parameters(paramLabel = "SCHEDULE", description = "Name of the Schedule.")
    private String name;

    @Option(
            names = "--name",
            paramLabel = "RUN",
            description = "Name of the Run; the same name again starts nothing. Default: a new one.")
    private String runName;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        try (var client = top.connection().open()) {
            var schedules = new Schedules(client, top.connection().namespace(client));
            Schedule schedule = schedules.get(name);
            Run run = ManualRun.of(schedule, runName, schedules.caller().getUsername(), Instant.now());
            out.println(start(schedules, schedule, run));
            out.flush();
            return 0;
        }
    }

    private String start(Schedules schedules, Schedule schedule, Run run) {
        try {
            String created =
                    schedules.client().resource(run).create().getMetadata().getName();
            return "Run " + created + " was started.\nkubectl wheelhouse -n " + schedules.namespace() + " logs -f "
                    + created;
        } catch (KubernetesClientException e) {
            if (runName == null || e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return existing(new RunReader(schedules.client(), schedules.namespace()).run(runName), schedule);
        }
    }

    private static String existing(Run run, Schedule schedule) {
        String name = run.getMetadata().getName();
        boolean own = run.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getUid().equals(schedule.getMetadata().getUid()));
        if (!own) {
            throw new CommandException("Run '" + name + "' exists and does not belong to Schedule '"
                    + schedule.getMetadata().getName() + "'; choose another --name");
        }
        return "Run " + name + " was started before: " + SafeText.line(RunLine.state(run));
    }
}
