package dev.wheelhouse.bench;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Sees the runs of a namespace end, by one watch. */
final class Completions implements AutoCloseable {
    /** A run's end as the watch saw it. */
    record End(RunPhase phase, long nanoTime) {}

    private final Map<String, End> ends = new ConcurrentHashMap<>();
    private final io.fabric8.kubernetes.client.Watch watch;

    Completions(KubernetesClient client, String namespace) {
        // Ends only: who measures should not be the load.
        watch = client.resources(Run.class)
                .inNamespace(namespace)
                .withoutField("status.completionTime", "")
                .watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, Run run) {
                        if (run.getStatus() != null && run.getStatus().completionTime() != null) {
                            ends.putIfAbsent(
                                    run.getMetadata().getName(),
                                    new End(run.getStatus().phase(), System.nanoTime()));
                        }
                    }

                    @Override
                    public void onClose(WatcherException cause) {}
                });
    }

    Map<String, End> await(int count, Duration atMost) {
        Bed.await(count + " runs ended, " + ends.size() + " so far", atMost, () -> ends.size() >= count);
        return ends;
    }

    @Override
    public void close() {
        watch.close();
    }
}
