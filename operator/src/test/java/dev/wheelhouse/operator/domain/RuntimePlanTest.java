package dev.wheelhouse.operator.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.wheelhouse.operator.domain.RuntimePlan.Action;
import dev.wheelhouse.operator.domain.RuntimePlan.Situation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RuntimePlanTest {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private static Action decide(boolean needed, boolean used, Duration idle, boolean exists, int current) {
        return RuntimePlan.decide(new Situation(needed, used, 2, idle, LIMIT, exists, current));
    }

    @Test
    void table() {
        Duration minute = Duration.ofMinutes(1);
        assertEquals(new Action.Keep(2, Optional.empty()), decide(true, true, LIMIT, false, 0), "first need");
        assertEquals(new Action.Keep(2, Optional.empty()), decide(true, true, LIMIT, true, 0), "needed again");
        assertEquals(new Action.Nothing(), decide(false, true, LIMIT, false, 0), "never needed");
        assertEquals(
                new Action.Keep(2, Optional.of(Duration.ofMinutes(9))), decide(false, true, minute, true, 2), "idle");
        assertEquals(new Action.Keep(0, Optional.empty()), decide(false, true, LIMIT, true, 2), "idle for long");
        assertEquals(new Action.Keep(0, Optional.empty()), decide(false, true, minute, true, 0), "stays at zero");
        assertEquals(new Action.Remove(), decide(false, false, LIMIT, true, 0), "not used any more");
        var forever = new Situation(false, true, 2, LIMIT, Duration.ZERO, true, 2);
        assertEquals(new Action.Keep(2, Optional.empty()), RuntimePlan.decide(forever), "zero keeps it");
    }

    @Test
    void retentionDeletesTheOldestFirstAndForgets() {
        Retention retention = new Retention();
        RunId a = new RunId("ns", "a", "ua");
        RunId b = new RunId("ns", "b", "ub");
        retention.keepUntil(a, Views.T0.plusSeconds(5));
        retention.keepUntil(b, Views.T0.plusSeconds(3));
        assertEquals(List.of(), retention.due(Views.T0, 9));
        assertEquals(List.of(b), retention.due(Views.T0.plusSeconds(9), 1));
        retention.keepUntil(b, Views.T0.plusSeconds(99));
        assertEquals(List.of(a), retention.due(Views.T0.plusSeconds(9), 9));
        retention.forget("ua");
        assertEquals(List.of(), retention.due(Views.T0.plusSeconds(9), 9));
    }
}
