package dev.wheelhouse.sandbox;

import java.util.List;

/** How pods start what this module builds. No shell is needed anywhere: an agent's image may have none. */
public final class Launch {
    /** Where the sandbox container sees the daemon. */
    public static final String HOME = "/wheelhouse";

    /** The command of the sandbox container; it must not be wrapped, since the daemon has to be process 1. */
    public static final List<String> COMMAND = List.of(HOME + "/bin/java", "@" + HOME + "/sandboxd.args");

    /** The command of the init container, which copies the daemon to the folder given as its last word. */
    public static final List<String> INSTALL = List.of("/opt/sandboxd/bin/java", "@/opt/sandboxd/install.args", HOME);

    private Launch() {}
}
