package dev.wheelhouse.sandbox;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * What the init container runs: copies the daemon and the Java it runs on to a volume that the
 * sandbox container sees, so that the agent's image needs neither. Doing it twice does no harm.
 */
public final class Install {
    private Install() {}

    /** The only argument is the folder; it must exist. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("one argument is needed: the folder to copy to");
            System.exit(2);
        }
        copy(Path.of(System.getProperty("java.home")), Path.of(arguments[0]));
    }

    static void copy(Path from, Path to) throws IOException {
        // No inheritance but what this visitor of the JDK asks for.
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(folder).toString()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                // Modes and times too: Java's archive of prepared classes is valid for the jar of one time only.
                Files.copy(
                        file,
                        to.resolve(from.relativize(file).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES,
                        StandardCopyOption.REPLACE_EXISTING);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
