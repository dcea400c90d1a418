package dev.wheelhouse.plugin;

import dev.wheelhouse.core.money.Spend;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;

/** Money, tokens and times as people read them. */
final class Amounts {
    private static final int MICRO_DIGITS = 6;
    private static final int CENT_DIGITS = 2;

    private Amounts() {}

    /** {@code micros} micro-dollars as {@code $0.0042}, at least in cents; null is an unknown cost. */
    static String money(Long micros) {
        if (micros == null) {
            return "cost unknown";
        }
        BigDecimal dollars = BigDecimal.valueOf(micros, MICRO_DIGITS).stripTrailingZeros();
        return "$" + dollars.setScale(Math.max(CENT_DIGITS, dollars.scale()), RoundingMode.UNNECESSARY);
    }

    /** Tokens and money of one call or of a run. */
    static String spend(Spend spend) {
        return String.format(
                Locale.ROOT,
                "%,d tokens in, %,d out, %s",
                spend.tokens().input(),
                spend.tokens().output(),
                money(spend.costMicros()));
    }

    /** A duration with a tenth of a second below a minute, in minutes and seconds or hours and minutes above. */
    static String duration(Duration duration) {
        if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        return duration.toHours() == 0
                ? duration.toMinutes() + "m" + duration.toSecondsPart() + "s"
                : duration.toHours() + "h" + duration.toMinutesPart() + "m";
    }

    /** {@code 1 step}, {@code 2 steps}. */
    static String count(long number, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
    }
}
