package dev.wheelhouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*.csv|a.csv|true",
                "*.csv|d/a.csv|false",
                "**/*.csv|a.csv|true",
                "**/*.csv|d/e/a.csv|true",
                "d/**|d/e/f|true",
                "d/**/f|d/f|true",
                "d/**/f|d/e/g/f|true",
                "d/**/f|d/e/g|false",
                "a?c|abc|true",
                "a?c|ac|false",
                "*a*b*|xxaxxbxx|true",
                "*a*b*|xxbxxaxx|false",
                "*.{csv,json}|x.json|true",
                "*.{csv,json}|x.txt|false",
                "{a,b}/{c,d}|b/c|true",
                "{a{b,c},d}|ac|true",
                "a.c|abc|false",
                "[x]|[x]|true",
                "{a|{a|true",
            })
    void matches(String pattern, String path, boolean expected) throws IOException {
        assertEquals(expected, Glob.of(pattern).matches(path));
    }

    /** What keeps a backtracking matcher busy for longer than anybody waits. */
    @Test
    void noPatternTakesForever() throws IOException {
        assertFalse(Glob.of("*a".repeat(100) + "b").matches("a".repeat(250)));
        assertFalse(Glob.of("**/".repeat(100) + "b").matches("a/".repeat(100) + "a"));
    }

    @Test
    void whatIsNoPatternIsRefused() {
        assertThrows(IOException.class, () -> Glob.of(""));
        assertThrows(IOException.class, () -> Glob.of("x".repeat(513)));
        assertThrows(IOException.class, () -> Glob.of("{a,b}".repeat(20)));
    }
}
