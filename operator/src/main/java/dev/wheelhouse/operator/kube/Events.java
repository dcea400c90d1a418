package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Sha256;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events for people, only for transitions that matter. Best effort: written beside the reconciliation, dropped when too
 * many are pending. The name is a function of what happened to whom, so that a repetition counts up instead of adding
 * an object.
 */
public final class Events {
    /** How an Event looks in {@code kubectl describe}. */
    public enum Type {
        Normal,
        Warning
    }

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final String CONTROLLER = "wheelhouse.dev/operator";
    private static final int MAX_PREFIX = 200;
    private static final int HASH = 16;
    private static final int PENDING = 64;
    private static final int REMEMBERED = 1024;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final Executor executor;
    private final String instance;
    private final Semaphore pending = new Semaphore(PENDING);
    private final Map<String, Integer> counts = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > REMEMBERED;
        }
    });

    /** {@code instance}: name of this process, such as its pod. */
    public Events(KubernetesClient client, Executor executor, String instance) {
        this.client = client;
        this.executor = executor;
        this.instance = instance;
    }

    /** Says that something happened to an object. {@code reason} in CamelCase, {@code note} for people. */
    public void emit(HasMetadata about, Type type, String reason, String note) {
        if (!pending.tryAcquire()) {
            return;
        }
        executor.execute(() -> {
            try {
                write(about, type, reason, note);
            } catch (RuntimeException e) {
                LOG.debug(
                        "Event {} of {} was not written",
                        reason,
                        about.getMetadata().getName(),
                        e);
            } finally {
                pending.release();
            }
        });
    }

    private void write(HasMetadata about, Type type, String reason, String note) {
        String name = name(about, reason, note);
        String key = about.getMetadata().getNamespace() + "/" + name;
        int count = counts.merge(key, 1, Integer::sum);
        MicroTime now = new MicroTime(MICROS.format(Instant.now()));
        try {
            if (count == 1) {
                client.resource(event(name, about, type, reason, note, now)).create();
                return;
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            count = counts.merge(key, 1, Integer::sum);
        }
        client.events()
                .v1()
                .events()
                .inNamespace(about.getMetadata().getNamespace())
                .withName(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"series\":{\"count\":" + count + ",\"lastObservedTime\":\"" + now.getTime() + "\"}}");
    }

    private static String name(HasMetadata about, String reason, String note) {
        String prefix = about.getMetadata().getName();
        String what = about.getMetadata().getUid() + reason + note;
        return prefix.substring(0, Math.min(MAX_PREFIX, prefix.length())) + "."
                + Sha256.hex(what).substring(0, HASH);
    }

    private Event event(String name, HasMetadata about, Type type, String reason, String note, MicroTime now) {
        return new EventBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(about.getMetadata().getNamespace())
                .endMetadata()
                .withEventTime(now)
                .withType(type.name())
                .withReason(reason)
                .withNote(note.length() <= 1024 ? note : note.substring(0, 1024))
                .withAction(reason)
                .withReportingController(CONTROLLER)
                .withReportingInstance(instance)
                .withNewRegarding()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(about.getMetadata().getNamespace())
                .withName(about.getMetadata().getName())
                .withUid(about.getMetadata().getUid())
                .endRegarding()
                .build();
    }
}
