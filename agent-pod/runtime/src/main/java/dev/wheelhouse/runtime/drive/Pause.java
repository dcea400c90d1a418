package dev.wheelhouse.runtime.drive;

/** Waits between attempts. */
@FunctionalInterface
interface Pause {
    /** Doubles from 100 ms to 5 s, with some chance in it so that many runs do not come at once. */
    Pause BACKOFF = attempt -> {
        long millis = Math.min(5_000, 100L << Math.min(attempt, 6));
        try {
            Thread.sleep(millis / 2
                    + java.util.concurrent.ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    };

    /** @param attempt number of attempts that failed before, from 0 */
    void before(int attempt);
}
