package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Optional;

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

    private final KubernetesClient client;

    public ScheduleApi(KubernetesClient client) {
        this.client = client;
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
