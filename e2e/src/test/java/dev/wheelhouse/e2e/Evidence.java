package dev.wheelhouse.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is needed to understand a failed test, kept before its namespace is deleted. */
final class Evidence {
    private Evidence() {}

    static void keep(Space space, Path folder) {
        save(
                folder,
                space.name() + "-objects.yaml",
                space.kubectl("get", "wheelhouse,leases,deployments", "-o", "yaml"));
        save(folder, space.name() + "-journals.yaml", space.kubectl("get", "configmaps", "-o", "yaml"));
        save(folder, space.name() + "-pods.txt", space.kubectl("describe", "pods"));
        save(folder, space.name() + "-events.txt", space.kubectl("get", "events", "--sort-by=.lastTimestamp"));
        for (var pod : space.runtimePods()) {
            String name = pod.getMetadata().getName();
            save(folder, name + ".log", space.kubectl("logs", name));
            save(folder, name + "-previous.log", space.kubectl("logs", name, "--previous"));
        }
        save(
                folder,
                "operator.log",
                Cluster.kubectl(
                        "-n",
                        "wheelhouse-system",
                        "logs",
                        "deploy/wheelhouse-operator",
                        "--tail=2000",
                        "--pod-running-timeout=1s"));
    }

    private static void save(Path folder, String file, Kubectl.Result result) {
        try {
            Files.writeString(folder.resolve(file), result.out() + result.err());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
