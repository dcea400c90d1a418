package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.journal.Canonical;
import java.nio.charset.StandardCharsets;

/** Text within bounds. */
final class Texts {
    private Texts() {}

    /** @param cut whether the text ends with a marker in place of its rest */
    record Bounded(String text, boolean cut) {}

    /** The text, or its beginning and a marker that tells the whole size and digest. */
    static Bounded cut(String text, int bytes) {
        byte[] all = text.getBytes(StandardCharsets.UTF_8);
        if (all.length <= bytes) {
            return new Bounded(text, false);
        }
        int end = bytes;
        while (end > 0 && (all[end] & 0xC0) == 0x80) {
            end--;
        }
        String begin = new String(all, 0, end, StandardCharsets.UTF_8);
        return new Bounded(
                begin + "\n[cut here: " + end + " of " + all.length + " bytes; the whole is " + Canonical.digest(text)
                        + "]",
                true);
    }
}
