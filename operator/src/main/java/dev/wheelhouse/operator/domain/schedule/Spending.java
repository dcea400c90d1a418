package dev.wheelhouse.operator.domain.schedule;

import dev.wheelhouse.api.v1alpha1.ScheduleSpec.Period;
import dev.wheelhouse.operator.domain.schedule.ScheduleState.Spend;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.OptionalLong;

/** The ceiling of cost per period: what ended in it counts, and what is set aside for runs that have not ended. */
public final class Spending {
    private Spending() {}

    /** Start of the calendar period that {@code time} lies in. */
    static Instant periodStart(Period period, Instant time, ZoneId zone) {
        LocalDate day = time.atZone(zone).toLocalDate();
        LocalDate first = switch (period) {
            case Day -> day;
            case Week -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case Month -> day.withDayOfMonth(1);
        };
        return first.atStartOfDay(zone).toInstant();
    }

    /** The sum with {@code costMicros} of a run that ended at {@code at}; an end of an earlier period counts as now. */
    static Spend add(Policy policy, Spend spend, long costMicros, Instant at) {
        return policy.periodStart(at)
                .map(start -> spend == null || start.isAfter(spend.start())
                        ? new Spend(start, costMicros)
                        : new Spend(spend.start(), spend.costMicros() + costMicros))
                .orElse(null);
    }

    /** Micro-dollars that a run starting now may cost; 0 or less if none is left, empty without a ceiling. */
    public static OptionalLong left(Policy policy, ScheduleState state, Instant now) {
        if (policy.spendLimit() == null) {
            return OptionalLong.empty();
        }
        Spend spend = state.spend();
        boolean current =
                spend != null && !policy.periodStart(now).orElseThrow().isAfter(spend.start());
        long spent = current ? spend.costMicros() : 0;
        return OptionalLong.of(policy.spendLimit().costMicros() - spent - state.reservedMicros());
    }
}
