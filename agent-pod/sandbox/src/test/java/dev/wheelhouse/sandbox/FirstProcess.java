package dev.wheelhouse.sandbox;

import java.nio.file.Path;
import java.time.Duration;

/** The daemon as a process of its own, for tests: address of the runtime, folder. */
final class FirstProcess {
    private FirstProcess() {}

    public static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[1]);
        Sandboxd.serve(new Settings(
                Settings.address(arguments[0]),
                folder.resolve("token"),
                "sandbox-1",
                folder.resolve("workspace"),
                folder.resolve("tmp"),
                0,
                Duration.ZERO));
    }
}
