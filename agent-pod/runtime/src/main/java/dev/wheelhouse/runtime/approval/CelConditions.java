package dev.wheelhouse.runtime.approval;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.journal.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Evaluates {@code approval.when}. The library is loaded by the first expression there is, so that runtimes without one
 * start as fast as before.
 */
public final class CelConditions implements Conditions {
    private static final int MOST_STEPS = 100_000;
    private static final int MOST_KNOWN = 256;

    /** Loaded with its first use. */
    private static final class Library {
        private static final Cel CEL = CelFactory.standardCelBuilder()
                .addVar("args", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .addVar("run", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .addVar("cost", SimpleType.DYN)
                .setResultType(SimpleType.BOOL)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setOptions(CelOptions.current()
                        .enableHeterogeneousNumericComparisons(true)
                        .comprehensionMaxIterations(MOST_STEPS)
                        .build())
                .build();
    }

    private final Map<String, CelRuntime.Program> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CelRuntime.Program> eldest) {
            return size() > MOST_KNOWN;
        }
    };

    /** What is wrong with an expression, or null. */
    public String wrong(String expression) {
        try {
            program(expression);
            return null;
        } catch (CelValidationException e) {
            return e.getMessage();
        } catch (CelEvaluationException | RuntimeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public boolean holds(String expression, Case about) {
        try {
            return !Boolean.FALSE.equals(program(expression).eval(variables(about)));
        } catch (CelValidationException | CelEvaluationException | RuntimeException e) {
            return true;
        }
    }

    private synchronized CelRuntime.Program program(String expression)
            throws CelValidationException, CelEvaluationException {
        CelRuntime.Program program = known.get(expression);
        if (program == null) {
            program = Library.CEL.createProgram(Library.CEL.compile(expression).getAst());
            known.put(expression, program);
        }
        return program;
    }

    private static Map<String, Object> variables(Case about) {
        Map<String, Object> run = new HashMap<>();
        run.put("name", about.run());
        run.put("agent", about.agent());
        run.put("requester", about.requester() == null ? "" : about.requester());
        run.put("step", (long) about.step());
        Map<String, Object> variables = new HashMap<>();
        variables.put("args", value(about.arguments()));
        variables.put("run", run);
        // Unknown prices: an expression that asks for the cost fails, and so holds.
        if (about.costMicros() != null) {
            variables.put("cost", about.costMicros());
        }
        return variables;
    }

    private static Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                node.properties().forEach(e -> map.put(e.getKey(), value(e.getValue())));
                yield map;
            }
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                node.forEach(item -> list.add(value(item)));
                yield list;
            }
            case BOOLEAN -> node.booleanValue();
            case NUMBER ->
                node.canConvertToExactIntegral() && node.canConvertToLong()
                        ? (Object) node.longValue()
                        : (Object) node.doubleValue();
            case NULL -> dev.cel.common.values.NullValue.NULL_VALUE;
            case STRING -> node.textValue();
            default -> Json.write(node);
        };
    }
}
