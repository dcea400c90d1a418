package dev.wheelhouse.operator.reconcile;

import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Time for the reconcilers.
 *
 * @param now wall clock, for what people see and set
 * @param nanoTime monotonic, for waiting and silence
 */
public record Clockwork(Supplier<Instant> now, LongSupplier nanoTime) {
    /** The machine's clocks. */
    public static Clockwork system() {
        return new Clockwork(Instant::now, System::nanoTime);
    }
}
