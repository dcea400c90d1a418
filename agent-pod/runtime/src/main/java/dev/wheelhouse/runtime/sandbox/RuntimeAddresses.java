package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Where the runtimes of this namespace wait for sandboxes. Any of them may hold the run that a sandbox works for, now or
 * after a takeover, so a sandbox keeps a session with each; it has no DNS to find them.
 */
final class RuntimeAddresses {
    private static final Logger LOG = Logger.getLogger(RuntimeAddresses.class);
    /** Sandboxes ask every other second, all of them: they share an answer. */
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    /** Who asks is the reader of a session, which has other things to hear: what was known before is better than late. */
    private static final Duration WAIT = Duration.ofSeconds(1);

    private static final int MAX = 128;

    private final Supplier<List<Found>> list;
    private final String ownPod;
    private volatile List<Found> found = List.of();
    private long at = System.nanoTime() - FRESH_NANOS;
    private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);

    /**
     * A runtime.
     *
     * @param runUid of the only run it is for; null: of any
     * @param address as {@code host:port}
     */
    record Found(String pod, String runUid, String address) {}

    /** @param list all runtimes that run now; may fail as the client does */
    RuntimeAddresses(Supplier<List<Found>> list, String ownPod) {
        this.list = list;
        this.ownPod = ownPod;
    }

    /** Those of a namespace. */
    static RuntimeAddresses of(KubernetesClient client, ApiPermits permits, String namespace, String ownPod) {
        return new RuntimeAddresses(
                () -> permits
                        .call(() -> client.pods()
                                .inNamespace(namespace)
                                .withLabel(Api.LABEL_ROLE, "runtime")
                                .list()
                                .getItems())
                        .stream()
                        .filter(RuntimeAddresses::running)
                        .map(pod -> new Found(
                                pod.getMetadata().getName(),
                                pod.getMetadata().getLabels().get(Api.LABEL_RUN_UID),
                                host(pod.getStatus().getPodIP()) + ":" + Api.SANDBOX_PORT))
                        .toList(),
                ownPod);
    }

    /**
     * Those that this sandbox may need, this process first: by that the sandbox knows whom it talks to, although it may
     * have come by way of the Service.
     *
     * @param here address of this process as the sandbox reached it, as {@code host:port}
     */
    List<String> of(SandboxPod sandbox, String here) {
        Stream<String> others = now().stream()
                .filter(one -> mayHold(one, sandbox) && !one.pod().equals(ownPod))
                // Where there are too many, those that any run may come to are not left out.
                .sorted(Comparator.comparing(one -> one.runUid() != null))
                .map(Found::address);
        return Stream.concat(Stream.of(here), others).distinct().limit(MAX).toList();
    }

    /** A shared sandbox may be used by any run; one that nobody has claimed is not by any. */
    private static boolean mayHold(Found runtime, SandboxPod sandbox) {
        return runtime.runUid() == null
                || runtime.runUid().equals(sandbox.runUid())
                || (sandbox.runUid() == null && sandbox.key() != null);
    }

    /**
     * Whether this process is the one of the namespace's shared runtimes that should take this warm sandbox before others
     * do: they all see the same ones, and who does not find out by a write that was for nothing. Known from the last time
     * that a sandbox asked.
     */
    boolean first(String podUid) {
        return found.stream()
                .filter(one -> one.runUid() == null)
                .map(Found::pod)
                .max(Comparator.comparing(
                        pod -> UUID.nameUUIDFromBytes((pod + podUid).getBytes(StandardCharsets.UTF_8))))
                .filter(pod -> !pod.equals(ownPod))
                .isEmpty();
    }

    private List<Found> now() {
        try {
            latest().get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debugf("runtimes of the namespace: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return found;
    }

    /** The answer that is fresh or on its way: there is one request at a time, for all. */
    private synchronized CompletableFuture<Void> latest() {
        if (answer.isDone() && System.nanoTime() - at >= FRESH_NANOS) {
            at = System.nanoTime();
            answer = CompletableFuture.runAsync(
                    () -> found = list.get(), Thread.ofVirtual().name("runtimes")::start);
        }
        return answer;
    }

    /** As an address with a port is written. */
    static String host(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }

    private static boolean running(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus() != null
                && "Running".equals(pod.getStatus().getPhase())
                && pod.getStatus().getPodIP() != null
                && !pod.getStatus().getPodIP().isEmpty();
    }
}
