package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Schedules and their runs as they are, not as a cache has them, and the creation of runs. */
public final class ScheduleApi {
    private static final int UNPROCESSABLE = 422;

    /** What came of creating a Run. */
    public sealed interface Creation {
        /** It was created. */
        record Created(Run run) implements Creation {}

        /** A Run of that name exists. */
        record Exists() implements Creation {}

        /** It breaks a rule of its type. */
        record Invalid(String message) implements Creation {}

        /** A policy or a quota forbids it. */
        record Forbidden(String message) implements Creation {}
    }

    private static final long PAGE = 500;

    private final KubernetesClient client;
    private final List<String> namespaces;

    /** {@code namespaces}: those to look in; none for all. */
    public ScheduleApi(KubernetesClient client, List<String> namespaces) {
        this.client = client;
        this.namespaces = namespaces;
    }

    /** The version of each Schedule, by UID. */
    public Map<String, Long> versions() {
        Map<String, Long> versions = new HashMap<>();
        each(
                Schedule.class,
                null,
                schedule -> versions.put(schedule.getMetadata().getUid(), StatusWriter.version(schedule)));
        return versions;
    }

    /** UIDs of all Runs that carry the label of a Schedule, by the Schedule's UID. */
    public Map<String, Set<String>> runsBySchedule() {
        Map<String, Set<String>> runs = new HashMap<>();
        each(
                Run.class,
                Api.LABEL_SCHEDULE_UID,
                run -> runs.computeIfAbsent(
                                run.getMetadata().getLabels().get(Api.LABEL_SCHEDULE_UID), uid -> new HashSet<>())
                        .add(run.getMetadata().getUid()));
        return runs;
    }

    private <T extends CustomResource<?, ?>> void each(Class<T> type, String label, Consumer<T> action) {
        for (String namespace : namespaces.isEmpty() ? Collections.singletonList((String) null) : namespaces) {
            String next = null;
            do {
                var options = new ListOptionsBuilder().withLimit(PAGE).withContinue(next);
                if (label != null) {
                    options.withLabelSelector(label);
                }
                KubernetesResourceList<T> page = namespace == null
                        ? client.resources(type).inAnyNamespace().list(options.build())
                        : client.resources(type).inNamespace(namespace).list(options.build());
                page.getItems().forEach(action);
                next = page.getMetadata().getContinue();
            } while (next != null && !next.isEmpty());
        }
    }

    /** Whether {@code schedule} is the version that the API server has. */
    public boolean current(Schedule schedule) {
        Schedule live = client.resource(schedule).get();
        return live != null
                && live.getMetadata()
                        .getResourceVersion()
                        .equals(schedule.getMetadata().getResourceVersion());
    }

    /** All Runs that carry the label of {@code schedule}. */
    public List<Run> runs(Schedule schedule) {
        return client.resources(Run.class)
                .inNamespace(schedule.getMetadata().getNamespace())
                .withLabel(Api.LABEL_SCHEDULE_UID, schedule.getMetadata().getUid())
                .list(new ListOptionsBuilder().build())
                .getItems();
    }

    /** The Run of this name. */
    public Optional<Run> run(String namespace, String name) {
        return Optional.ofNullable(client.resources(Run.class)
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    /** Creates a Run; any answer that it could not say throws. */
    public Creation create(Run run) {
        try {
            return new Creation.Created(client.resource(run).create());
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case HttpURLConnection.HTTP_CONFLICT -> new Creation.Exists();
                case UNPROCESSABLE, HttpURLConnection.HTTP_BAD_REQUEST -> new Creation.Invalid(e.getMessage());
                case HttpURLConnection.HTTP_FORBIDDEN -> new Creation.Forbidden(e.getMessage());
                default -> throw e;
            };
        }
    }
}
