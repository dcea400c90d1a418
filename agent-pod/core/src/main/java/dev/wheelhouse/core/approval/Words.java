package dev.wheelhouse.core.approval;

import dev.wheelhouse.core.journal.Json;

/** Words of people and models, made harmless for the place where they are shown. */
final class Words {
    private Words() {}

    /** One line of at most so many characters, without what a terminal would obey. */
    static String line(String text, int most) {
        return cut(text.replaceAll("\\p{Cntrl}|\\p{Cf}|\\p{Zl}|\\p{Zp}", " "), most);
    }

    /** Text of at most so many characters, line breaks kept. */
    static String text(String text, int most) {
        return cut(text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]|\\p{Cf}", " "), most);
    }

    /** As a quotation, so that it cannot be taken for words of ours. */
    static String quote(String text, int most) {
        return Json.write(line(text, most));
    }

    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = most - 3;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "...";
    }
}
