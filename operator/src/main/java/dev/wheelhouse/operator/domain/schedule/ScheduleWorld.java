package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a {@link ScheduleRound} needs of the cluster, for one Schedule. Anything may throw; the round then ends. */
public interface ScheduleWorld {
    /** Runs that the Schedule owns, as last seen; may lag behind. */
    List<Child> children();

    /** Runs that the Schedule owns, as they are. Throws if the state that was read is no longer the recorded one. */
    List<Child> freshChildren();

    /** Name of the Run for {@code slot}, see {@link RunNames}. */
    String runName(Instant slot);

    /** The Run of this name as it is, if the Schedule owns it. */
    Optional<Child> find(String name);

    /**
     * Creates the Run for {@code slot}, if nothing speaks against it.
     *
     * @param costMicros what it may cost; empty for no ceiling
     */
    Attempt start(Instant slot, Origin origin, ScheduleState state, OptionalLong costMicros);

    /** Asks a Run to end. */
    void cancel(Child child);

    /** Writes the state, locked on the version it was read at. A state that has not changed need not be written. */
    void record(ScheduleState state);

    /** Whether somebody is still asked to decide something about it, although it has ended. */
    boolean awaitsDecision(Child child);

    /** Deletes a finished Run, unless somebody wants it kept. */
    void delete(Child child);

    /** What came of starting a run. */
    sealed interface Attempt {
        /** It was created. */
        record Started(Child child) implements Attempt {}

        /** The Schedule started it before. */
        record Existing(Child child) implements Attempt {}

        /** It was not created. */
        record Refused(Reason reason, String message) implements Attempt {}
    }
}
