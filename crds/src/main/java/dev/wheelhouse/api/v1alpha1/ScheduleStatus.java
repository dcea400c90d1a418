package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/** Observed state of a {@link Schedule}, written by the operator only, by locked PUT. All times are RFC 3339, UTC. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(oldSelf.decidedUntil) || (has(self.decidedUntil) && timestamp(self.decidedUntil) >="
                + " timestamp(oldSelf.decidedUntil))",
        message = "status.decidedUntil never goes back: a time is decided once")
public record ScheduleStatus(
        @JsonPropertyDescription("Generation of the spec that this status speaks of.")
        Long observedGeneration,

        @JsonPropertyDescription("Ready (it fires; False says why not), Suspended, Complete (no more runs will come).")
        @Size(max = 16)
        List<Condition> conditions,

        @JsonPropertyDescription("Unfinished runs of this Schedule that were started by time or by a backfill.")
        @Size(max = 50)
        List<ActiveRun> active,

        @JsonPropertyDescription("How many they are.") Integer activeRuns,

        @JsonPropertyDescription("Times that wait for their turn (concurrencyPolicy Queue).") @Size(max = 50)
        List<@Size(max = 64) String> queue,

        @JsonPropertyDescription("Last time for which a run was started.") @Size(max = 64)
        String lastScheduleTime,

        @JsonPropertyDescription("When a run of this Schedule last ended with success.") @Size(max = 64)
        String lastSuccessfulTime,

        @JsonPropertyDescription("When a run of this Schedule last failed.") @Size(max = 64)
        String lastFailureTime,

        @JsonPropertyDescription("Last time that was missed; why, see counts.missedByReason.") @Size(max = 64)
        String lastMissedTime,

        @JsonPropertyDescription("Next time, without jitter.") @Size(max = 64)
        String nextScheduleTime,

        @JsonPropertyDescription("The next times, without jitter.") @Size(max = 5)
        List<@Size(max = 64) String> nextScheduleTimes,

        @JsonPropertyDescription("Every time up to this one is decided: run, skipped or missed. Never goes back.")
        @Size(max = 64)
        String decidedUntil,

        @JsonPropertyDescription("Counts since the Schedule was created.")
        Counts counts,

        @JsonPropertyDescription("Runs in a row that failed.")
        Integer consecutiveFailures,

        @JsonPropertyDescription("The last time that was skipped, and why.")
        Skip lastSkip,

        @JsonPropertyDescription("Cost in the current period, with spec.spendLimit.")
        Spend spend,

        @JsonPropertyDescription("Progress of spec.backfill.")
        BackfillProgress backfill,

        @JsonPropertyDescription("Result of the last successful run, if the input uses it.") @Size(max = 8192)
        String lastResult,

        @JsonPropertyDescription("Digest of the fields that say when; a change starts afresh from its moment.")
        @Size(max = 64)
        String timetable,

        @JsonPropertyDescription("Version of the time zone data in use.") @Size(max = 32)
        String timeZoneData) {

    /** An unfinished run. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ActiveRun(
            @JsonPropertyDescription("Name of the Run.") @Required @Size(max = 253)
            String name,

            @JsonPropertyDescription("UID of the Run.") @Required @Size(max = 64)
            String uid,

            @JsonPropertyDescription("Micro-dollars set aside for it, with spec.spendLimit.")
            Long reservedMicros) {}

    /** Counts. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Counts(
            @JsonPropertyDescription("Runs started by time.")
            Long runs,

            @JsonPropertyDescription("Runs started by backfills.")
            Long backfilled,

            @JsonPropertyDescription("Runs that succeeded.") Long succeeded,
            @JsonPropertyDescription("Runs that failed.") Long failed,

            @JsonPropertyDescription("Times missed: too late, or passed while the operator was away. After a long"
                    + " absence at most 1000 are counted.")
            Long missed,

            @JsonPropertyDescription("How many of missed for which reason: TooLate (startingDeadlineSeconds had passed"
                    + " before it could start), QueuedTooLong (it waited in the queue until then), NotCaughtUp (catchUp"
                    + " None or Latest, or onResume RunLatest, does not make it good), CatchUpLimit (more than"
                    + " catchUpLimit had passed), Overtaken (a later time has its run, of an operator that died before"
                    + " it recorded why this one has none). Their sum is less than missed if a version without this field"
                    + " counted some.")
            @Size(max = 32)
            List<ReasonCount> missedByReason,

            @JsonPropertyDescription("Times skipped for a reason; the last of them is lastSkip.")
            Long skipped,

            @JsonPropertyDescription("How many of skipped for which reason: RunActive, QueueFull, ActiveLimit,"
                    + " Suspended (by the spec or after failures), NotAllowed, SpendLimit, NameConflict, InvalidRun."
                    + " Their sum is less than skipped if a version without this field counted some.")
            @Size(max = 32)
            List<ReasonCount> skippedByReason) {}

    /** How many times had one reason. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReasonCount(
            @JsonPropertyDescription("Why, as one word.") @Required @Size(max = 64)
            String reason,

            @JsonPropertyDescription("How many.") @Required Long count) {}

    /** A skipped time. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Skip(
            @JsonPropertyDescription("The time that was skipped.") @Required @Size(max = 64)
            String time,

            @JsonPropertyDescription("Why, as one word: RunActive, QueueFull, ActiveLimit, Suspended, NotAllowed,"
                    + " SpendLimit, RepeatedFailures, NameConflict, InvalidRun.")
            @Required
            @Size(max = 64)
            String reason,

            @JsonPropertyDescription("Why, for people.") @Size(max = 1024)
            String message) {}

    /** Cost of a period. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Spend(
            @JsonPropertyDescription("Start of the period.") @Required @Size(max = 64)
            String periodStart,

            @JsonPropertyDescription("Micro-dollars of the runs that ended in it.") @Required
            Long costMicros) {}

    /** Progress of a backfill. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record BackfillProgress(
            @JsonPropertyDescription("Start of the period this speaks of.") @Required @Size(max = 64)
            String from,

            @JsonPropertyDescription("End of the period this speaks of.") @Required @Size(max = 64)
            String to,

            @JsonPropertyDescription("Every time up to this one is done.") @Size(max = 64)
            String doneUntil,

            @JsonPropertyDescription("Runs started for it.") Long runs,

            @JsonPropertyDescription("True once the whole period is done.")
            Boolean complete,

            @JsonPropertyDescription("Why it waits; unset while it goes on.") @Size(max = 1024)
            String message) {}
}
