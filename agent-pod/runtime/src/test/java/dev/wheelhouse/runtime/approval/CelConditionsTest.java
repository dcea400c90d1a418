package dev.wheelhouse.runtime.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.approval.Conditions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CelConditionsTest {
    private final CelConditions conditions = new CelConditions();

    private static Conditions.Case about(String requester, Long cost) throws Exception {
        ObjectNode arguments = (ObjectNode) new ObjectMapper()
                .readTree("{\"amount\":150,\"rate\":0.5,\"to\":{\"name\":\"bob\"},\"tags\":[\"x\",\"y\"],"
                        + "\"nothing\":null,\"big\":1e300}");
        return new Conditions.Case(arguments, "r1", "agent", requester, 2, cost);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "args.amount > 100",
                "args.rate > 0.4",
                "args.to.name == 'bob'",
                "'x' in args.tags",
                "args.nothing == null",
                "args.big > 1000000",
                "run.requester == 'alice'",
                "run.name == 'r1' && run.agent == 'agent' && run.step == 2",
                "cost > 10",
                "args.to.name.matches('^b.*')"
            })
    void what_holds(String expression) throws Exception {
        assertNull(conditions.wrong(expression));
        assertEquals(true, conditions.holds(expression, about("alice", 42L)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "args.amount > 200",
                "args.rate > 1",
                "has(args.missing)",
                "run.agent == 'agent' && run.step > 5",
                "cost > 1000",
                "args.tags.exists(t, t == 'z')"
            })
    void what_does_not_hold(String expression) throws Exception {
        assertNull(conditions.wrong(expression));
        assertEquals(false, conditions.holds(expression, about("alice", 42L)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "args.missing > 3",
                "args.amount == 'x' + 1",
                "not cel at all",
                "cost > 10",
                "1/0 == 1",
                "args.tags.all(a, args.tags.all(b, 1/0 == 1))"
            })
    void what_fails_counts_as_true(String expression) throws Exception {
        assertEquals(true, conditions.holds(expression, about(null, null)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 + 1", "args.amount >", "nobody.knows", "'text'"})
    void what_can_never_be_true_or_false_is_told_beforehand(String expression) {
        assertNotNull(conditions.wrong(expression));
    }
}
