package dev.wheelhouse.runtime.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.approval.Conditions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    @CsvSource(delimiter = '|', textBlock = """
            args.amount > 100                    | true
            args.amount > 200                    | false
            args.rate > 0.4                      | true
            args.rate > 1                        | false
            args.to.name == 'bob'                | true
            'x' in args.tags                     | true
            has(args.missing)                    | false
            args.nothing == null                 | true
            args.big > 1000000                   | true
            run.agent == 'agent' && run.step > 5 | false
            run.requester == 'alice'             | true
            cost > 10                            | true
            cost > 1000                          | false
            args.to.name.matches('^b.*')         | true
            """)
    void expressions_look_at_arguments_run_and_cost(String expression, boolean holds) throws Exception {
        assertNull(conditions.wrong(expression));
        assertEquals(holds, conditions.holds(expression, about("alice", 42L)));
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
