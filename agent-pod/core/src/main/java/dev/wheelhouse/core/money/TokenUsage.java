package dev.wheelhouse.core.money;

/**
 * Tokens of a model call.
 *
 * @param input input tokens, those from the provider's cache included
 * @param cachedInput part of {@code input} that came from the provider's cache
 */
public record TokenUsage(long input, long cachedInput, long output) {
    public static final TokenUsage NONE = new TokenUsage(0, 0, 0);

    public TokenUsage plus(TokenUsage other) {
        return new TokenUsage(input + other.input, cachedInput + other.cachedInput, output + other.output);
    }

    public long total() {
        return input + output;
    }
}
