package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.runtime.store.Failures;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jboss.logging.Logger;

/**
 * Tells people of the few transitions that matter, once each: the name of an Event is made of the run, its epoch and
 * the reason. Best effort; a plain success has none.
 */
final class RunEvents {
    private static final Logger LOG = Logger.getLogger(RunEvents.class);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int MAX_NOTE = 1024;
    private static final int MAX_NAME = 150;
    private static final int ALREADY_EXISTS = 409;

    private final KubernetesClient client;
    private final PodIdentity pod;

    RunEvents(KubernetesClient client, PodIdentity pod) {
        this.client = client;
        this.pod = pod;
    }

    void normal(Run run, long epoch, String reason, String note) {
        create(run, "r" + epoch + "." + reason.toLowerCase(Locale.ROOT), "Normal", reason, note);
    }

    /** One of several of the same reason, told apart by what it is about. */
    void normal(Run run, long epoch, String reason, String about, String note) {
        create(run, "r" + epoch + "." + about, "Normal", reason, note);
    }

    void warning(Run run, long epoch, String reason, String note) {
        create(run, "r" + epoch + "." + reason.toLowerCase(Locale.ROOT), "Warning", reason, note);
    }

    private void create(Run run, String suffix, String type, String reason, String note) {
        String name = Texts.cut(run.getMetadata().getName(), MAX_NAME).replaceAll("[^a-z0-9]+$", "") + "." + suffix;
        Event event = new EventBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(run.getMetadata().getNamespace())
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(Instant.now())))
                .withReportingController("wheelhouse.dev/runtime")
                .withReportingInstance(pod.name())
                .withType(type)
                .withReason(reason)
                .withAction(reason)
                .withNote(Texts.cut(note, MAX_NOTE))
                .withRegarding(reference(run))
                .build();
        try {
            client.resource(event).inNamespace(run.getMetadata().getNamespace()).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != ALREADY_EXISTS) {
                LOG.debugf("event %s: %s", name, Failures.reason(e));
            }
        }
    }

    private static ObjectReference reference(Run run) {
        return new ObjectReferenceBuilder()
                .withApiVersion(run.getApiVersion())
                .withKind(run.getKind())
                .withNamespace(run.getMetadata().getNamespace())
                .withName(run.getMetadata().getName())
                .withUid(run.getMetadata().getUid())
                .withResourceVersion(run.getMetadata().getResourceVersion())
                .build();
    }
}
