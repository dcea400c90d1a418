package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** When to run what. Field names, defaults and meaning are CronJob's wherever it has them. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.schedule) != has(self.schedules)",
        message = "set exactly one of spec.schedule (one cron expression) and spec.schedules (a list)")
@ValidationRule(
        value = "(has(self.schedule) ? [self.schedule] : []).all(s, !s.contains('TZ='))"
                + " && (!has(self.schedules) || self.schedules.all(s, !s.contains('TZ=')))",
        message = "a time zone does not belong in the cron expression; set spec.timeZone")
@ValidationRule(
        value = "!has(self.schedule) || self.schedule.contains('TZ=') || self.schedule.matches('" + CronSyntax.PATTERN
                + "')",
        message = ScheduleSpec.SYNTAX)
@ValidationRule(
        value = "!has(self.schedules) || self.schedules.all(s, s.contains('TZ=') || s.matches('" + CronSyntax.PATTERN
                + "'))",
        message = ScheduleSpec.SYNTAX)
@ValidationRule(
        value = "self.timeZone != 'Local' && timestamp('2026-01-01T00:00:00Z').getHours(self.timeZone) >= 0",
        message = "spec.timeZone must be a name of the IANA time zone database, such as 'Europe/Berlin'; default 'UTC'")
@ValidationRule(
        value = "(!has(self.startAt) || timestamp(self.startAt).getFullYear() >= 0)"
                + " && (!has(self.endAt) || timestamp(self.endAt).getFullYear() >= 0)",
        message = "spec.startAt and spec.endAt must be times that exist, such as '2026-12-31T08:00:00Z'")
@ValidationRule(
        value = "!has(self.startAt) || !has(self.endAt) || timestamp(self.startAt) < timestamp(self.endAt)",
        message = "spec.startAt must lie before spec.endAt")
@ValidationRule(
        value = "self.catchUp != 'All' || self.concurrencyPolicy == 'Allow' || self.concurrencyPolicy == 'Queue'",
        message = "spec.catchUp 'All' starts several missed times at once; it needs concurrencyPolicy 'Allow' or"
                + " 'Queue' (one after the other)")
@ValidationRule(
        value = "self.thread != 'Same' || self.concurrencyPolicy != 'Allow'",
        message = "spec.thread 'Same' is one conversation, so one run at a time; it needs concurrencyPolicy 'Forbid',"
                + " 'Queue' or 'Replace'")
@ValidationRule(
        value = "self.thread != 'Same' || self.successfulRunsHistoryLimit > 0",
        message = "spec.thread 'Same' carries on from the last run that succeeded, so at least one must be kept; set"
                + " spec.successfulRunsHistoryLimit to 1 or more")
@ValidationRule(
        value = "has(self.requester)",
        message = "spec.requester must be your own user name (kubectl auth whoami): scheduled runs act in that name;"
                + " Kubernetes 1.36 and the kubectl plugin fill it in")
public record ScheduleSpec(
        @JsonPropertyDescription("Cron expression: minute hour day-of-month month day-of-week, or @yearly, @annually,"
                + " @monthly, @weekly, @daily, @midnight, @hourly. Set this or schedules.")
        @Size(min = 1, max = 128)
        String schedule,

        @JsonPropertyDescription("Several cron expressions; a time that more than one names counts once.")
        @Size(min = 1, max = 16)
        List<@Size(min = 1, max = 128) String> schedules,

        @JsonPropertyDescription("Name of the IANA time zone in which schedule is read. Default UTC.")
        @Size(min = 1, max = 64)
        @Pattern(CronSyntax.ZONE)
        @Default("UTC")
        String timeZone,

        @JsonPropertyDescription("True starts no more runs; running ones go on. Default false.") @Default("false")
        Boolean suspend,

        @JsonPropertyDescription("What happens with times that passed while suspended: Skip (default), or RunLatest,"
                + " which starts the latest of them when suspend becomes false, as a CronJob does.")
        @Default("Skip")
        OnResume onResume,

        @JsonPropertyDescription("What happens when a time comes and a run of this Schedule is still unfinished."
                + " Allow (default): start another. Forbid: skip this time. Replace: cancel the unfinished run, wait"
                + " for its end, then start. Queue: start when those before it are finished.")
        @Default("Allow")
        ConcurrencyPolicy concurrencyPolicy,

        @JsonPropertyDescription("For Queue: times that may wait at most; further ones are skipped. Default 10.")
        @Min(1)
        @Max(50)
        @Default("10")
        Integer queueLimit,

        @JsonPropertyDescription("Seconds after its time within which a run must start; later it counts as missed."
                + " Unset: no limit.")
        @Min(0)
        @Max(31536000L)
        Long startingDeadlineSeconds,

        @JsonPropertyDescription("Which times are made good that passed while the operator was away, within"
                + " startingDeadlineSeconds. None: those at most 60 seconds late. Latest (default): the latest, as a"
                + " CronJob does. All: the latest catchUpLimit of them, in order.")
        @Default("Latest")
        CatchUp catchUp,

        @JsonPropertyDescription("For catchUp All: at most so many; older ones count as missed. Default 10.")
        @Min(1)
        @Max(50)
        @Default("10")
        Integer catchUpLimit,

        @JsonPropertyDescription("Each start is late by a number of seconds from 0 to this one, always the same for"
                + " one Schedule (drawn from its UID), so that many do not start at once. Default 0.")
        @Min(0)
        @Max(3600)
        @Default("0")
        Integer jitterSeconds,

        @JsonPropertyDescription("When clocks go forward and a time does not exist that day. RunAfterGap (default):"
                + " one run right after the gap, for schedules with fixed hours. Skip: none, as a CronJob. When clocks"
                + " go back, a schedule with fixed hours runs once, at the first of the two; one that starts with *"
                + " in its hours goes on in both.")
        @Default("RunAfterGap")
        Dst dst,

        @JsonPropertyDescription(
                "Finished runs to keep that succeeded. Default 3. The run of the last"
                        + " time is kept in any case until the next one starts, one with an undecided Approval until that is"
                        + " settled, and one with the label wheelhouse.dev/keep: \"true\" as long as it has it, beside the limit.")
        @Min(0)
        @Max(100)
        @Default("3")
        Integer successfulRunsHistoryLimit,

        @JsonPropertyDescription("Finished runs to keep that did not succeed. Default 1. What is kept"
                + " in any case is said at successfulRunsHistoryLimit.")
        @Min(0)
        @Max(100)
        @Default("1")
        Integer failedRunsHistoryLimit,

        @JsonPropertyDescription(
                "Seconds after its end when a run is deleted even within the history limits; not one that is kept"
                        + " in any case, see successfulRunsHistoryLimit. Unset: never.")
        @Min(0)
        @Max(315360000L)
        Long ttlSecondsAfterFinished,

        @JsonPropertyDescription("No run before this time, RFC 3339.") @Size(max = 64) @Pattern(CronSyntax.RFC_3339)
        String startAt,

        @JsonPropertyDescription("No run after this time, RFC 3339.") @Size(max = 64) @Pattern(CronSyntax.RFC_3339)
        String endAt,

        @JsonPropertyDescription("Runs to start altogether, by time; then the Schedule is complete.")
        @Min(1)
        @Max(1000000000L)
        Long maxRuns,

        @JsonPropertyDescription("Ends that stop the Schedule.")
        StopAfter stopAfter,

        @JsonPropertyDescription("Ceiling of what the runs of this Schedule may cost together in a period. Each run is"
                + " limited to what is left, so its models need prices.")
        SpendLimit spendLimit,

        @JsonPropertyDescription("A past period to run once: each time in it for which no Run exists, one after the"
                + " other, whatever concurrencyPolicy says. Doing it again does nothing.")
        Backfill backfill,

        @JsonPropertyDescription("Where each run begins. New (default): with nothing but its input. Same: all runs"
                + " have one spec.thread, named as the Schedule, and each carries on the conversation of those before"
                + " it; needs concurrencyPolicy Forbid, Queue or Replace.")
        @Default("New")
        ThreadPolicy thread,

        @JsonPropertyDescription("User name in whose name the runs act. A policy of the chart holds it to the name of"
                + " whoever created the Schedule or changed it last (other than suspend), and a run is refused once"
                + " this user may no longer create Runs.")
        @Size(min = 1, max = 256)
        String requester,

        @JsonPropertyDescription("Groups of the requester, for the check whether he may create Runs; a policy of the"
                + " chart holds them to his own. Kubernetes 1.36 and the kubectl plugin fill it in.")
        @Size(max = 64)
        List<@Size(min = 1, max = 256) String> requesterGroups,

        @JsonPropertyDescription(
                "The Run to create at each time. A change applies to later runs; running ones stay" + " as they are.")
        @Required
        RunTemplate runTemplate) {

    static final String SYNTAX = "a schedule has five fields (minute hour day-of-month month day-of-week), such as"
            + " '30 8 * * 1-5', or is one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly";

    /** What happens with times that passed while suspended. */
    public enum OnResume {
        Skip,
        RunLatest
    }

    /** What happens when a time comes while a run is unfinished. */
    public enum ConcurrencyPolicy {
        Allow,
        Forbid,
        Replace,
        Queue
    }

    /** Which of the times are made good that passed while nobody looked. */
    public enum CatchUp {
        None,
        Latest,
        All
    }

    /** Which conversation a run belongs to. */
    public enum ThreadPolicy {
        New,
        Same
    }

    /** What happens with a wall-clock time that does not exist on its day. */
    public enum Dst {
        RunAfterGap,
        Skip
    }

    /** Calendar period in {@code timeZone}; a week starts on Monday. */
    public enum Period {
        Day,
        Week,
        Month
    }

    /** Ends that stop a Schedule. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StopAfter(
            @JsonPropertyDescription("Runs in a row that failed; then the Schedule counts as suspended until its spec"
                    + " changes or a run started by hand succeeds.")
            @Min(1)
            @Max(1000)
            Integer failures,

            @JsonPropertyDescription("Runs that succeeded, altogether; then the Schedule is complete.")
            @Min(1)
            @Max(1000000000L)
            Long successes) {}

    /** Ceiling of cost per period. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SpendLimit(
            @JsonPropertyDescription("Micro-dollars (1000000 = 1 USD) per period.")
            @Required
            @Min(1)
            @Max(1000000000000L)
            Long costMicros,

            @JsonPropertyDescription("Day (default), Week or Month of spec.timeZone.") @Default("Day")
            Period period) {}

    /** A past period to run once. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "timestamp(self.from) < timestamp(self.to)",
            message = "spec.backfill.from must lie before spec.backfill.to")
    public record Backfill(
            @JsonPropertyDescription("Start, inclusive, RFC 3339.")
            @Required
            @Size(max = 64)
            @Pattern(CronSyntax.RFC_3339)
            String from,

            @JsonPropertyDescription("End, exclusive, RFC 3339; times still to come are left to the Schedule.")
            @Required
            @Size(max = 64)
            @Pattern(CronSyntax.RFC_3339)
            String to) {}
}
