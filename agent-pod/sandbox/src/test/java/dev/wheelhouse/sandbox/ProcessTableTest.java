package dev.wheelhouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.wheelhouse.sandbox.ProcessTable.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTableTest {
    private static final String VARIABLE = "OF_THIS_TEST=yes";
    /** An exec is in each of its states once in some hundred questions. */
    private static final int QUESTIONS = 20_000;

    @TempDir
    Path folder;

    @Test
    void whoIsReplacedAllTheTimeIsNeverTakenForAnother() throws Exception {
        Files.writeString(folder.resolve("again"), "exec /bin/sh again\n");
        var builder = new ProcessBuilder("/bin/sh", "again").directory(folder.toFile());
        var process = started(builder);
        try {
            while (ProcessTable.startedWith((int) process.pid(), VARIABLE) != Answer.YES) {
                Thread.onSpinWait();
            }
            for (var i = 0; i < QUESTIONS; i++) {
                assertNotEquals(Answer.NO, ProcessTable.startedWith((int) process.pid(), VARIABLE));
            }
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void whoWasGivenNoVariablesIsNotAskedAgain() throws Exception {
        var process = started(new ProcessBuilder("/usr/bin/env", "-i", "/bin/sh", "-c", "echo; read answer"));
        try {
            process.getInputStream().read();
            assertEquals(Answer.NO, ProcessTable.startedWith((int) process.pid(), VARIABLE));
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process started(ProcessBuilder builder) throws Exception {
        var parts = VARIABLE.split("=");
        builder.environment().put(parts[0], parts[1]);
        return builder.start();
    }
}
