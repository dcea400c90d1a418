package dev.wheelhouse.sandbox;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Where the daemon finds what it needs.
 *
 * @param runtime where it finds a runtime when it knows none; an address, since there is no DNS
 * @param token the file with the projected token; it is read anew for each connection
 * @param pod the name of this pod
 * @param workspace where commands start and files are kept
 * @param temporary the second folder that file operations may use; holds the authorities' file too
 * @param proxyPort the port of the proxy on the loopback interface; 0: any free one
 * @param idle how long without a command until the daemon ends, from the first one on; zero: never
 */
public record Settings(
        InetSocketAddress runtime,
        Path token,
        String pod,
        Path workspace,
        Path temporary,
        int proxyPort,
        Duration idle) {
    /** The port that the commands' proxy variables name. */
    public static final int PROXY_PORT = 3128;

    private static final int LONGEST_IDLE_SECONDS = 7 * 24 * 3600;

    /** What the pod's environment says. */
    static Settings of(Map<String, String> env) {
        return new Settings(
                address(required(env, "WHEELHOUSE_RUNTIME")),
                Path.of("/var/run/wheelhouse/token"),
                required(env, "POD_NAME"),
                Path.of("/workspace"),
                Path.of("/tmp"),
                PROXY_PORT,
                Duration.ofSeconds(seconds(env.getOrDefault("WHEELHOUSE_IDLE_SECONDS", "0"))));
    }

    /**
     * "10.0.0.1:8082" or "[fd00::1]:8082"; never looks up a name.
     *
     * @throws IllegalArgumentException if it is no such thing
     */
    static InetSocketAddress address(String text) {
        var colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("no address and port: " + text);
        }
        var host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return new InetSocketAddress(InetAddress.ofLiteral(host), Integer.parseInt(text.substring(colon + 1)));
    }

    private static long seconds(String text) {
        var seconds = Long.parseLong(text);
        if (seconds < 0 || seconds > LONGEST_IDLE_SECONDS) {
            throw new IllegalArgumentException("WHEELHOUSE_IDLE_SECONDS is not between 0 and " + LONGEST_IDLE_SECONDS);
        }
        return seconds;
    }

    private static String required(Map<String, String> env, String name) {
        var value = env.get(name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(name + " is not set");
        }
        return value;
    }
}
