package dev.wheelhouse.runtime.outbound;

/** Text from outside, made safe to be stored as UTF-8. */
public final class WellFormed {
    private WellFormed() {}

    /**
     * Replaces unpaired surrogates. JSON can carry them as escapes, UTF-8 cannot: a stored copy would differ from what
     * was hashed.
     */
    public static String text(String text) {
        StringBuilder fixed = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (fixed == null) {
                fixed = new StringBuilder(text);
            }
            fixed.setCharAt(i, '\uFFFD');
        }
        return fixed == null ? text : fixed.toString();
    }
}
