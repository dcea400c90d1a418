package dev.wheelhouse.core.money;

/**
 * What a child run used of its parent's budget.
 *
 * @param costMicros micro-dollars; null if the child had no prices
 */
public record Spend(TokenUsage tokens, Long costMicros) {
    public static final Spend NONE = new Spend(TokenUsage.NONE, 0L);
}
