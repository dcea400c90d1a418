package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.operator.domain.schedule.Child.End;
import dev.wheelhouse.operator.domain.schedule.Child.Origin;
import java.time.Instant;

/** Runs as they become others. */
final class Children {
    private Children() {}

    /** One that was just started; {@code number}: of a backfill. */
    static Child started(String name, String uid, Origin origin, Instant slot, long limitMicros, long number) {
        long known = origin == Origin.BACKFILL ? number : 0;
        return new Child(name, uid, origin, slot, null, null, 0, limitMicros, null, false, known, false);
    }

    static Child ended(Child run, End end, Instant at, long costMicros) {
        return new Child(
                run.name(),
                run.uid(),
                run.origin(),
                run.slot(),
                end,
                at,
                costMicros,
                run.limitMicros(),
                "result of " + run.name(),
                run.cancelling(),
                run.number(),
                run.kept());
    }

    static Child cancelled(Child run) {
        return new Child(
                run.name(),
                run.uid(),
                run.origin(),
                run.slot(),
                run.end(),
                run.endedAt(),
                run.costMicros(),
                run.limitMicros(),
                run.result(),
                true,
                run.number(),
                run.kept());
    }

    static Child kept(Child run, boolean kept) {
        return new Child(
                run.name(),
                run.uid(),
                run.origin(),
                run.slot(),
                run.end(),
                run.endedAt(),
                run.costMicros(),
                run.limitMicros(),
                run.result(),
                run.cancelling(),
                run.number(),
                kept);
    }
}
