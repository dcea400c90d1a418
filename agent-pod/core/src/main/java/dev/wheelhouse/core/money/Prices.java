package dev.wheelhouse.core.money;

/** Micro-dollars per million tokens. */
public record Prices(long input, long cachedInput, long output) {
    private static final long MILLION = 1_000_000;

    /** Cost in micro-dollars, rounded up so that the sum never undercounts. */
    public long cost(TokenUsage usage) {
        long cached = Math.min(usage.cachedInput(), usage.input());
        long total = Math.addExact(
                Math.addExact(
                        Math.multiplyExact(usage.input() - cached, input), Math.multiplyExact(cached, cachedInput)),
                Math.multiplyExact(usage.output(), output));
        return Math.ceilDiv(total, MILLION);
    }
}
