package dev.wheelhouse.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTextTest {
    @ParameterizedTest
    @CsvSource({
        "1B, ESC of ANSI sequences",
        "9B, CSI in one byte",
        "0, NUL",
        "7, bell",
        "8, backspace",
        "D, carriage return",
        "A, line feed",
        "7F, delete",
        "85, next line",
        "202A, left-to-right embedding",
        "202E, right-to-left override",
        "2066, left-to-right isolate",
        "2069, pop directional isolate",
        "61C, Arabic letter mark",
        "200B, zero-width space",
        "200D, zero-width joiner",
        "2060, word joiner",
        "FEFF, zero-width no-break space",
        "AD, soft hyphen",
        "2028, line separator",
        "2029, paragraph separator",
        "E0041, tag letter",
        "E000, private use",
        "3164, Hangul filler",
    })
    void shows_what_would_deceive(String hex, String name) {
        String hostile = Character.toString(Integer.parseInt(hex, 16));

        assertEquals("a\\u{" + hex + "}b", SafeText.line("a" + hostile + "b"), name);
    }

    @Test
    void half_a_character_is_shown_too() {
        assertEquals("\\u{D83D}", SafeText.line("\uD83D"));
    }

    @Test
    void leaves_what_people_write() {
        String harmless = "Grüße, 世界, ελληνικά, שלום, 🚢 {\"a\": 1} \\ 100 %";

        assertEquals(harmless, SafeText.line(harmless));
    }

    @Test
    void keeps_line_breaks_as_lines() {
        assertEquals(List.of("a", "", "b c"), SafeText.lines("a\r\n\nb\tc\n"));
    }
}
