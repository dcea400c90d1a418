package dev.wheelhouse.bench;

import java.util.List;
import java.util.Locale;

/** Spread of a sample, in the unit of the sample. */
record Percentiles(int count, double min, double p50, double p99, double max) {
    static Percentiles of(List<Double> sample) {
        if (sample.isEmpty()) {
            throw new IllegalArgumentException("no sample");
        }
        var sorted = sample.stream().sorted().toList();
        return new Percentiles(sorted.size(), sorted.getFirst(), at(sorted, 0.50), at(sorted, 0.99), sorted.getLast());
    }

    /** Nearest rank. */
    private static double at(List<Double> sorted, double share) {
        return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }

    String row(String unit) {
        return String.format(
                Locale.ROOT, "min %.2f, p50 %.2f, p99 %.2f, max %.2f %s (n=%d)", min, p50, p99, max, unit, count);
    }
}
