package dev.wheelhouse.runtime.model;

/** How answers end. */
final class Endings {
    private Endings() {}

    /** An answer that ran into its token limit says so in its text: a cut answer must not pass for a whole one. */
    static String withCutMark(String text, boolean cut) {
        return cut && !text.isEmpty() ? text + " … [cut: the model reached the limit of output tokens]" : text;
    }
}
