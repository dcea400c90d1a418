package dev.wheelhouse.operator.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only writer of statuses: a PUT of /status locked on the resourceVersion that the decision was made on. So an edit
 * that the decision did not see makes the write fail, and no foreign change is ever overwritten or missed.
 *
 * <p>It sends only identity, resourceVersion and status: the API server takes everything else from the stored object, so
 * that decisions can be made on pruned copies. It remembers its last write of each object, for the watch lags behind.
 */
public final class StatusWriter {
    private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);

    /** What became of a write. */
    public enum Outcome {
        WRITTEN,
        /** The status was already so; nothing was sent. */
        EQUAL,
        /** Only spec or metadata changed meanwhile: decide anew. */
        SPEC_MOVED,
        /** Somebody else wrote the status: decide anew. */
        STATUS_MOVED,
        /** The object is gone, or is another one of the same name. */
        GONE;

        /** Whether the object now has the wanted status. */
        public boolean done() {
            return this == WRITTEN || this == EQUAL;
        }
    }

    private final KubernetesClient client;
    private final MeterRegistry metrics;
    private final ObjectMapper mapper = new ObjectMapper();
    private final Semaphore permits;
    private final Map<String, Long> written = new ConcurrentHashMap<>();

    /** {@code concurrency}: writes in flight at once. */
    public StatusWriter(KubernetesClient client, MeterRegistry metrics, int concurrency) {
        this.client = client;
        this.metrics = metrics;
        // Fair: a burst is served in the order in which it was decided.
        this.permits = new Semaphore(concurrency, true);
    }

    /**
     * Writes the status.
     *
     * @param seen the object that the decision was made on; may be pruned, but for identity and status
     * @param empty makes an empty object of the kind
     * @throws KubernetesClientException if the outcome is not known, or the API server refuses for other reasons
     */
    public <S, R extends CustomResource<?, S>> Outcome write(R seen, S status, Supplier<R> empty) {
        Outcome outcome = equal(seen.getStatus(), status) ? Outcome.EQUAL : put(seen, status, empty);
        metrics.counter("wheelhouse.status.writes", "kind", seen.getKind(), "outcome", outcome.name())
                .increment();
        return outcome;
    }

    private <S, R extends CustomResource<?, S>> Outcome put(R seen, S status, Supplier<R> empty) {
        R body = empty.get();
        body.setMetadata(new ObjectMetaBuilder()
                .withNamespace(seen.getMetadata().getNamespace())
                .withName(seen.getMetadata().getName())
                .withUid(seen.getMetadata().getUid())
                .withResourceVersion(seen.getMetadata().getResourceVersion())
                .build());
        body.setStatus(status);
        permits.acquireUninterruptibly();
        try {
            remember(client.resource(body).updateStatus());
            return Outcome.WRITTEN;
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case HttpURLConnection.HTTP_CONFLICT -> conflict(seen, body);
                case HttpURLConnection.HTTP_NOT_FOUND -> Outcome.GONE;
                default -> throw e;
            };
        } finally {
            permits.release();
        }
    }

    private <S, R extends CustomResource<?, S>> Outcome conflict(R seen, R body) {
        R live = client.resource(body).get();
        if (live == null
                || !live.getMetadata().getUid().equals(seen.getMetadata().getUid())) {
            return Outcome.GONE;
        }
        remember(live);
        if (equal(live.getStatus(), seen.getStatus())) {
            return Outcome.SPEC_MOVED;
        }
        LOG.debug(
                "Status of {} {} was written by somebody else",
                live.getKind(),
                live.getMetadata().getName());
        return Outcome.STATUS_MOVED;
    }

    /** Whether this copy is older than what was written or read here; the watch will bring a newer one. */
    public boolean lags(CustomResource<?, ?> seen) {
        Long last = written.get(seen.getMetadata().getUid());
        if (last == null || version(seen) < last) {
            return last != null;
        }
        written.remove(seen.getMetadata().getUid(), last);
        return false;
    }

    /** The object is gone. */
    public void forget(String uid) {
        written.remove(uid);
    }

    private void remember(CustomResource<?, ?> object) {
        written.merge(object.getMetadata().getUid(), version(object), Math::max);
    }

    /** The resource version as a number that grows; 0 if it is none. */
    public static long version(CustomResource<?, ?> object) {
        String version = object.getMetadata().getResourceVersion();
        try {
            return Long.parseLong(version);
        } catch (NumberFormatException e) {
            return 0; // Not comparable: then nothing lags, and conflicts alone protect.
        }
    }

    private boolean equal(Object a, Object b) {
        return mapper.valueToTree(a).equals(mapper.valueToTree(b));
    }
}
