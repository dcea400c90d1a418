package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The cluster of {@code local-cluster/}, for tests that take its parts away. */
final class LocalCluster {
    private LocalCluster() {}

    /** Skips the test on any other cluster. */
    static void require() {
        assumeTrue(
                Files.exists(apiServerPid())
                        && Kubectl.exec(null, List.of("kill", "-0", pid())).ok(),
                "needs the local cluster: `make cluster`");
    }

    static void killApiServer() {
        Kubectl.exec(null, List.of("kill", "-s", "KILL", pid())).orThrow();
    }

    /** Starts what is not running. */
    static void up() {
        Kubectl.exec(null, List.of(folder().resolve("cluster").toString(), "up"))
                .orThrow();
        Space.await(
                "the API server",
                () -> Cluster.kubectl("get", "--raw", "/readyz").ok());
    }

    private static String pid() {
        try {
            return Files.readString(apiServerPid()).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path apiServerPid() {
        return folder().resolve(".state/apiserver.pid");
    }

    private static Path folder() {
        String elsewhere = System.getenv("WHEELHOUSE_LOCAL_CLUSTER");
        return elsewhere == null ? Cluster.repository().resolve("local-cluster") : Path.of(elsewhere);
    }
}
