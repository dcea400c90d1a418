package dev.wheelhouse.plugin;

import java.util.List;

/**
 * Makes text of unknown origin harmless for a terminal and for the eye: control characters (ANSI sequences among
 * them), characters that reorder or hide text, and line breaks that could forge a line of ours.
 */
final class SafeText {
    private SafeText() {}

    /** The text as one line; whatever could deceive is shown as <code>\\u{hex}</code>, a tab as a space. */
    static String line(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\t') {
                safe.append(' ');
            } else if (deceives(c)) {
                safe.append("\\u{").append(Integer.toHexString(c).toUpperCase()).append('}');
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }

    /** The text as lines, each harmless. */
    static List<String> lines(String text) {
        return text.replace("\r\n", "\n").lines().map(SafeText::line).toList();
    }

    private static boolean deceives(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    // Bidirectional overrides, zero-width characters, soft hyphen, tags.
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            // Letters and marks by their class, but drawn as nothing.
            default -> c == 0x034F || c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0 || c == 0x2800;
        };
    }
}
