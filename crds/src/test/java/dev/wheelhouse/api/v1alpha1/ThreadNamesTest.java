package dev.wheelhouse.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadNamesTest {
    @Test
    void aNameThatIsALabelIsTheThread() {
        assertEquals("report", ThreadNames.of("report"));
        assertEquals("7-days", ThreadNames.of("7-days"));
    }

    @Test
    void whatHadToBeChangedIsALabelAndStaysUnique() {
        for (String name : List.of("a.b", "a.b.c", "x".repeat(64), "x".repeat(54) + ".y" + "z".repeat(40))) {
            String thread = ThreadNames.of(name);
            assertTrue(thread.matches(Names.LABEL) && thread.length() <= 63, thread);
            assertNotEquals(name.replace('.', '-'), thread);
        }
        assertNotEquals(ThreadNames.of("x".repeat(64)), ThreadNames.of("x".repeat(65)));
    }
}
