package dev.wheelhouse.operator.reconcile;

import static dev.wheelhouse.operator.reconcile.World.NS;
import static org.awaitility.Awaitility.await;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.api.v1alpha1.ScheduleStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Schedules as a test makes them and looks at them. */
record Schedules(KubernetesClient client) {
    Schedule create(String name, String requester, String fields) {
        String expression = fields.contains("schedule:") ? "" : "schedule: '* * * * *', ";
        return client.resource(Serialization.unmarshal(
                        "apiVersion: wheelhouse.dev/v1alpha1\nkind: Schedule\nmetadata: {name: " + name
                                + ", namespace: " + NS + "}\nspec: {" + expression + "requester: " + requester
                                + ", runTemplate: {spec: {agent: a, input: 'for {{ scheduledTime }}'}}"
                                + (fields.isEmpty() ? "" : ", " + fields) + "}",
                        Schedule.class))
                .create();
    }

    /** A run of this Schedule that somebody else made. */
    Run own(Schedule schedule, String name, Map<String, String> annotations) {
        Run run = Serialization.unmarshal(
                "apiVersion: wheelhouse.dev/v1alpha1\nkind: Run\nspec: {agent: a, input: first}", Run.class);
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NS)
                .withName(name)
                .withLabels(
                        Map.of(Api.LABEL_SCHEDULE_UID, schedule.getMetadata().getUid()))
                .withAnnotations(annotations)
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("wheelhouse.dev/v1alpha1")
                        .withKind("Schedule")
                        .withName(schedule.getMetadata().getName())
                        .withUid(schedule.getMetadata().getUid())
                        .build())
                .build());
        return client.resource(run).create();
    }

    /** Changes the spec, so that the operator looks at once. */
    void touch(String name, String field) {
        String[] parts = field.split(": ");
        client.resources(Schedule.class)
                .inNamespace(NS)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"" + parts[0] + "\":" + parts[1] + "}}");
    }

    ScheduleStatus awaitStatus(String name, Predicate<ScheduleStatus> is) {
        return await("schedule " + name)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> client.resources(Schedule.class)
                                .inNamespace(NS)
                                .withName(name)
                                .get()
                                .getStatus(),
                        status -> status != null && is.test(status));
    }

    static Condition condition(ScheduleStatus status, String type) {
        return status.conditions() == null
                ? new Condition()
                : status.conditions().stream()
                        .filter(condition -> type.equals(condition.getType()))
                        .findFirst()
                        .orElseGet(Condition::new);
    }

    List<Schedule> all() {
        return client.resources(Schedule.class).inNamespace(NS).list().getItems();
    }
}
