package dev.wheelhouse.plugin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Text from the person's editor or a file. */
final class Editor {
    private Editor() {}

    /** Opens {@code $KUBE_EDITOR} or {@code $EDITOR}, as kubectl does, on a file that only its owner can read. */
    static String edit(String text) throws IOException {
        String editor = Optional.ofNullable(System.getenv("KUBE_EDITOR"))
                .or(() -> Optional.ofNullable(System.getenv("EDITOR")))
                .orElse("vi");
        Path file = Files.createTempFile("approval-", ".json");
        try {
            Files.writeString(file, text + "\n");
            int code = new ProcessBuilder("sh", "-c", editor + " \"$1\"", "sh", file.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new CommandException("the editor '" + editor + "' ended with code " + code
                        + ", and nothing is decided; set EDITOR, or use -f FILE");
            }
            return Files.readString(file);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted, and nothing is decided");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** The file's text; {@code -} is standard input. */
    static String read(Path file) throws IOException {
        return file.toString().equals("-")
                ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                : Files.readString(file);
    }
}
