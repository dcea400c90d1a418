package dev.wheelhouse.plugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleSpec;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "backfill",
        description =
                "Run the times of a Schedule in a past period, one after the other. A time whose Run exists is left"
                        + " alone, so doing it again does nothing.",
        mixinStandardHelpOptions = true)
final class BackfillCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private KubectlWheelhouse top;

    @Parameters(paramLabel = "SCHEDULE", description = "Name of the Schedule.")
    private String name;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "TIME",
            description = "Start, inclusive: 2026-11-01T08:00:00Z, or 2026-11-01 for its start in the Schedule's zone.")
    private String from;

    @Option(names = "--to", required = true, paramLabel = "TIME", description = "End, exclusive.")
    private String to;

    @Option(
            names = "--in-my-name",
            description = "Have the runs of this Schedule, later ones included, act in your name if they act in that of"
                    + " somebody else.")
    private boolean inMyName;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        try (var client = top.connection().open()) {
            var schedules = new Schedules(client, top.connection().namespace(client));
            Schedule schedule = schedules.get(name);
            ZoneId zone = ManualRun.zone(schedule);
            var period = new ScheduleSpec.Backfill(time("--from", from, zone), time("--to", to, zone));
            if (!Instant.parse(period.from()).isBefore(Instant.parse(period.to()))) {
                throw new CommandException("--from must lie before --to");
            }
            if (done(schedule, period)) {
                out.println("That period is done: "
                        + SafeText.line(schedule.getStatus().backfill().runs() + " runs were" + " started for it."));
            } else {
                String patch = patch(schedule, period, schedules.caller(), inMyName);
                out.println("kubectl -n " + schedules.namespace() + " patch schedules." + Api.GROUP + " " + name
                        + " --type=merge -p '" + patch + "'");
                client.resources(Schedule.class)
                        .inNamespace(schedules.namespace())
                        .withName(name)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
                out.println("The period is being run. Progress: kubectl -n " + schedules.namespace() + " get schedules."
                        + Api.GROUP + " " + name + " -o jsonpath='{.status.backfill}'");
            }
            out.flush();
            return 0;
        }
    }

    static boolean done(Schedule schedule, ScheduleSpec.Backfill period) {
        ScheduleStatus.BackfillProgress progress =
                schedule.getStatus() == null ? null : schedule.getStatus().backfill();
        return progress != null
                && period.from().equals(progress.from())
                && period.to().equals(progress.to())
                && Boolean.TRUE.equals(progress.complete());
    }

    /**
     * The merge patch that has the operator run the period.
     *
     * @throws CommandException if the runs would act in the name of somebody else than the caller
     */
    static String patch(Schedule schedule, ScheduleSpec.Backfill period, UserInfo caller, boolean inMyName) {
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("backfill", period);
        String requester = schedule.getSpec().requester();
        if (!Objects.equals(requester, caller.getUsername())) {
            if (!inMyName) {
                throw new CommandException("the runs of this Schedule act in the name of '" + requester + "', and you"
                        + " are '" + caller.getUsername() + "'; have him do it, or add --in-my-name, after which all of"
                        + " its runs act in yours");
            }
            change.put("requester", caller.getUsername());
            change.put("requesterGroups", Objects.requireNonNullElse(caller.getGroups(), List.of()));
        }
        try {
            return JSON.writeValueAsString(Map.of("spec", change));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String time(String option, String text, ZoneId zone) {
        try {
            return text.contains("T")
                    ? OffsetDateTime.parse(text).toInstant().toString()
                    : LocalDate.parse(text).atStartOfDay(zone).toInstant().toString();
        } catch (DateTimeParseException e) {
            throw new CommandException(option + " '" + text + "' is neither a time such as 2026-11-01T08:00:00Z nor a"
                    + " day such as 2026-11-01");
        }
    }
}
