package dev.wheelhouse.runtime.drive;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** Texts for people, within the bounds of the API. Nothing is cut without saying so. */
final class Texts {
    /** Most characters of a result in a status, its marker included. */
    static final int MAX_RESULT = 4096;

    private static final int CENTS = 4;
    private static final int MICROS = 6;
    private static final int SHOWN_CHILDREN = 3;
    private static final BigDecimal CENT = new BigDecimal("0.01");

    private Texts() {}

    static String result(String text, String run) {
        if (text.length() <= MAX_RESULT) {
            return text;
        }
        String marker = "\n[cut: " + text.length()
                + " characters in all; the whole answer: kubectl wheelhouse transcript --full " + run + "]";
        return head(text, MAX_RESULT - marker.length()) + marker;
    }

    static String cut(String text, int max) {
        return text.length() <= max ? text : head(text, max - 3) + "...";
    }

    static String childRuns(List<String> names) {
        String shown = String.join(", ", names.subList(0, Math.min(SHOWN_CHILDREN, names.size())));
        int more = names.size() - SHOWN_CHILDREN;
        return (names.size() == 1 ? "run " : names.size() + " runs: ")
                + shown
                + (more > 0 ? " and " + more + " more" : "");
    }

    /** @param micros micro-dollars, or null if prices are unknown */
    static String cost(Long micros) {
        if (micros == null) {
            return "unknown";
        }
        BigDecimal dollars = BigDecimal.valueOf(micros, MICROS);
        boolean small = micros > 0 && dollars.compareTo(CENT) < 0;
        return "$"
                + dollars.setScale(small ? MICROS : CENTS, RoundingMode.HALF_UP).toPlainString();
    }

    /** The first characters, but no half of a surrogate pair. */
    private static String head(String text, int length) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }
}
