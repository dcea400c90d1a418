package dev.wheelhouse.core.money;

/**
 * Tokens and money that a call or a child run used.
 *
 * @param costMicros micro-dollars; null if prices were unknown
 */
public record Spend(TokenUsage tokens, Long costMicros) {
    public static final Spend NONE = new Spend(TokenUsage.NONE, 0L);

    /** The sum; its cost is unknown if one of the two is. */
    public Spend plus(Spend other) {
        Long cost = costMicros == null || other.costMicros == null
                ? null
                : (Long) Math.addExact(costMicros, other.costMicros);
        return new Spend(tokens.plus(other.tokens), cost);
    }
}
