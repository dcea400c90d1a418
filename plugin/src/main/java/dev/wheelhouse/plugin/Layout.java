package dev.wheelhouse.plugin;

/** Margins. No text of others ever begins at the left edge, so none can pass for a line of ours. */
final class Layout {
    /** Before further lines of the same message. */
    static final String CONTINUED = " ".repeat(12) + "  " + " ".repeat(9) + "| ";

    /** Before a note of ours. */
    static final String NOTE = " ".repeat(12) + "  " + " ".repeat(9) + "  -- ";

    private Layout() {}
}
