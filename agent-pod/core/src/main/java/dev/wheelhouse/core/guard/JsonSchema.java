package dev.wheelhouse.core.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.BasicDialectRegistry;
import com.networknt.schema.dialect.Dialects;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A JSON Schema, taken as hostile: it loads nothing from anywhere, and checking a value against it takes a bounded
 * number of steps, whatever its references and patterns.
 */
public final class JsonSchema {
    /** Longest list of violations; the model needs no more to see what is wrong. */
    private static final int MOST_VIOLATIONS = 10;

    private static final int MOST_STEPS = 200_000;
    private static final int MOST_PATTERN_STEPS = 1_000_000;

    private static final SchemaRegistry REGISTRY = SchemaRegistry.builder()
            .defaultDialectId(Dialects.getDraft202012().getId())
            .dialectRegistry(new BasicDialectRegistry(List.of(
                    Dialects.getDraft202012(),
                    Dialects.getDraft201909(),
                    Dialects.getDraft7(),
                    Dialects.getDraft6(),
                    Dialects.getDraft4())))
            .schemaCacheEnabled(false)
            .schemaLoader(loader -> loader.fetchRemoteResources(false))
            .schemaRegistryConfig(SchemaRegistryConfig.builder()
                    .locale(java.util.Locale.ENGLISH)
                    .regularExpressionFactory(JsonSchema::pattern)
                    .build())
            .build();

    private final Schema schema;

    private JsonSchema(Schema schema) {
        this.schema = schema;
    }

    /** The schema cannot be used for checking; the message says why. */
    public static final class Unusable extends Exception {
        Unusable(String message) {
            super(message);
        }
    }

    /** @throws Unusable if it is not a schema, needs another document or has a malformed pattern */
    public static JsonSchema of(JsonNode schema) throws Unusable {
        if (!schema.isObject() && !schema.isBoolean()) {
            throw new Unusable("a schema is an object or a boolean");
        }
        try {
            Schema compiled = REGISTRY.getSchema(schema);
            compiled.initializeValidators();
            return new JsonSchema(compiled);
        } catch (RuntimeException | StackOverflowError e) {
            throw unusable(e);
        }
    }

    /**
     * What is wrong with a value; empty if nothing is.
     *
     * @throws Unusable if checking the value would take too long
     */
    public List<String> violations(JsonNode value) throws Unusable {
        Steps steps = new Steps();
        try {
            schema.validate(steps, value);
            return steps.getErrors().stream()
                    .limit(MOST_VIOLATIONS)
                    .map(error -> {
                        String at = error.getInstanceLocation().toString();
                        return (at.isEmpty() ? "" : at + ": ") + error.getMessage();
                    })
                    .toList();
        } catch (RuntimeException | StackOverflowError e) {
            throw unusable(e);
        }
    }

    private static Unusable unusable(Throwable e) {
        return switch (e) {
            case StackOverflowError _ -> new Unusable("its references or patterns never come to an end");
            case TooLong tooLong -> new Unusable(tooLong.getMessage());
            case PatternSyntaxException syntax -> new Unusable("malformed pattern: " + syntax.getDescription());
            default ->
                e.getCause() instanceof RuntimeException cause
                        ? unusable(cause)
                        : new Unusable(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        };
    }

    private static com.networknt.schema.regex.RegularExpression pattern(String regex) {
        Pattern compiled = Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        return value -> compiled.matcher(new CountedText(value, new int[1])).find();
    }

    private static final class TooLong extends RuntimeException {
        TooLong(String message) {
            super(message, null, false, false);
        }
    }

    /** Every keyword that is looked at adds to the evaluation path, so this is the place to count. */
    private static final class Steps extends ExecutionContext {
        private int count;

        @Override
        public void evaluationPathAddLast(String token) {
            count();
            super.evaluationPathAddLast(token);
        }

        @Override
        public void evaluationPathAddLast(int index) {
            count();
            super.evaluationPathAddLast(index);
        }

        private void count() {
            if (++count > MOST_STEPS) {
                throw new TooLong("checking takes more than " + MOST_STEPS + " steps");
            }
        }
    }

    /** Text that gives up when a pattern reads it too often: patterns can need exponential time. */
    private record CountedText(String text, int[] reads) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (++reads[0] > MOST_PATTERN_STEPS) {
                throw new TooLong("a pattern takes more than " + MOST_PATTERN_STEPS + " steps");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new CountedText(text.substring(start, end), reads);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
