package dev.wheelhouse.runtime.outbound;

/**
 * A secret in memory. Not a record on purpose: neither {@code toString} nor a serializer can give it away, and no
 * exception message is built from it.
 */
public final class SecretValue {
    /** Shorter values are not masked: they would occur in ordinary text. */
    private static final int SHORTEST_MASKED = 6;

    private final String origin;
    private final String value;

    SecretValue(String origin, String value) {
        this.origin = origin;
        this.value = value;
    }

    /** The value itself, for a request header and nothing else. */
    public String reveal() {
        return value;
    }

    /** The text with every occurrence of the value masked: servers echo what they were sent. */
    public String maskIn(String text) {
        return value.length() < SHORTEST_MASKED ? text : text.replace(value, "[" + origin + "]");
    }

    @Override
    public String toString() {
        return "[" + origin + "]";
    }
}
