package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whether a sandbox's network is closed, found out from inside before its first command: NetworkPolicies are only as good
 * as the cluster's network plugin, and some ignore them without a word.
 *
 * @param api host and port of the API server; null if not known
 * @param nameserver of the cluster; null if not known
 */
record Isolation(Place api, String nameserver) {
    private static final String METADATA = "169.254.169.254";
    private static final int KUBELET = 10250;
    private static final int DNS = 53;
    private static final int HEALTH = 8080;
    private static final int MAX_DETAIL = 120;
    private static final int MAX_NAMED = 16;

    /** An address and a port. */
    record Place(String host, int port) {}

    /** What this process is told by its environment, as every pod is. */
    static Isolation ofThisPod(Map<String, String> env, Path resolvConf) {
        String host = env.get("KUBERNETES_SERVICE_HOST");
        String port = env.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        Place api = host == null || !port.matches("[0-9]{1,5}") ? null : new Place(host, Integer.parseInt(port));
        return new Isolation(api, nameserver(resolvConf));
    }

    private static String nameserver(Path resolvConf) {
        try {
            return Files.readAllLines(resolvConf).stream()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length > 1 && words[0].equals("nameserver"))
                    .map(words -> words[1])
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * What must be out of reach.
     *
     * @param here address of this runtime: of its ports only that of sandboxes may be reached
     */
    List<Frame.Target> targets(SandboxPod pod, InetAddress here) {
        List<Frame.Target> targets = new ArrayList<>();
        if (api != null) {
            targets.add(new Frame.Target("API server", "tcp", api.host(), api.port()));
        }
        targets.add(new Frame.Target("metadata service", "tcp", METADATA, 80));
        if (pod.hostAddress() != null) {
            targets.add(new Frame.Target("node", "tcp", pod.hostAddress(), KUBELET));
        }
        if (nameserver != null) {
            targets.add(new Frame.Target("DNS", "dns", nameserver, DNS));
        }
        targets.add(new Frame.Target("other pods", "tcp", here.getHostAddress(), HEALTH));
        return targets;
    }

    /** @param found empty: the sandbox said nothing */
    static RunDesk.Network judge(List<Frame.Target> asked, Optional<List<Frame.ProbeResult>> found) {
        if (found.isEmpty()) {
            return new RunDesk.Network(false, "NotVerified", "the sandbox did not say what it reaches");
        }
        List<String> unknown = asked.stream()
                .map(Frame.Target::name)
                .filter(name -> found.get().stream().noneMatch(result -> name.equals(result.name())))
                .toList();
        // The daemon tries some things of its own, too.
        List<String> reached = found.get().stream()
                .filter(Frame.ProbeResult::reached)
                .limit(MAX_NAMED)
                .map(result -> place(asked, result) + detail(result))
                .toList();
        if (!reached.isEmpty()) {
            return new RunDesk.Network(
                    false,
                    "Reached",
                    "the sandbox reaches " + String.join(", ", reached)
                            + "; the cluster's network plugin must enforce NetworkPolicies, also towards nodes");
        }
        if (!unknown.isEmpty()) {
            return new RunDesk.Network(
                    false, "NotVerified", "the sandbox did not say whether it reaches " + String.join(", ", unknown));
        }
        return new RunDesk.Network(
                true,
                "NothingReached",
                "tried and not reached: " + asked.stream().map(Isolation::place).collect(Collectors.joining(", ")));
    }

    private static String place(List<Frame.Target> asked, Frame.ProbeResult result) {
        return asked.stream()
                .filter(target -> target.name().equals(result.name()))
                .findFirst()
                .map(Isolation::place)
                .orElseGet(() -> plain(result.name()));
    }

    private static String place(Frame.Target target) {
        return target.name() + " (" + target.host() + ":" + target.port() + ")";
    }

    private static String detail(Frame.ProbeResult result) {
        return result.detail() == null || result.detail().isBlank() ? "" : ": " + plain(result.detail());
    }

    private static String plain(String text) {
        return CommandText.cut(String.valueOf(text).replaceAll("\\p{Cntrl}", " "), MAX_DETAIL);
    }
}
