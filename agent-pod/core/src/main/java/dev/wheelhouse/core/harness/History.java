package dev.wheelhouse.core.harness;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a run of a thread knows of the runs before it. It is bounded, as every model call pays for it: the newest turns
 * stay.
 */
public final class History {
    /** Most turns. */
    public static final int MAX_TURNS = 20;

    /** Most bytes of UTF-8 of all inputs and answers together. */
    public static final int MAX_BYTES = 64 * 1024;

    /** Bytes of UTF-8 that do not begin a character are 10xxxxxx. */
    private static final int BEGINNING = 0b1100_0000;

    private static final int CONTINUED = 0b1000_0000;

    private History() {}

    /** The history of a run after one that had this history and added this turn. */
    public static List<PastTurn> after(List<PastTurn> earlier, PastTurn last) {
        PastTurn kept = fit(last);
        List<PastTurn> turns = new ArrayList<>(List.of(kept));
        long bytes = bytes(kept);
        for (int i = earlier.size() - 1; i >= 0 && turns.size() < MAX_TURNS; i--) {
            bytes += bytes(earlier.get(i));
            if (bytes > MAX_BYTES) {
                break;
            }
            turns.add(earlier.get(i));
        }
        Collections.reverse(turns);
        return List.copyOf(turns);
    }

    /** Both texts get half of the room, or what the other one leaves of it. */
    private static PastTurn fit(PastTurn turn) {
        if (bytes(turn) <= MAX_BYTES) {
            return turn;
        }
        String input = cut(turn.input(), Math.max(MAX_BYTES / 2, MAX_BYTES - bytes(turn.answer())));
        return new PastTurn(turn.run(), input, cut(turn.answer(), MAX_BYTES - bytes(input)));
    }

    /** The beginning, and a marker that says what is missing; both within the limit. */
    private static String cut(String text, int maxBytes) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= maxBytes) {
            return text;
        }
        String marker = " ... [cut: " + bytes.length + " bytes in all]";
        int end = maxBytes - marker.length();
        while (end > 0 && (bytes[end] & BEGINNING) == CONTINUED) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + marker;
    }

    private static int bytes(PastTurn turn) {
        return Math.addExact(bytes(turn.input()), bytes(turn.answer()));
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
