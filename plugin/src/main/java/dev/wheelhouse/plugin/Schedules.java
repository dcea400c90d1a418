package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Schedule;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Schedules of a namespace, and who asks, with the caller's rights. */
record Schedules(KubernetesClient client, String namespace) {
    /** @throws CommandException if there is no such Schedule */
    Schedule get(String name) {
        Schedule schedule = client.resources(Schedule.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (schedule == null) {
            throw new CommandException("there is no Schedule '" + name + "' in namespace '" + namespace + "'");
        }
        return schedule;
    }

    /** The caller as the API server authenticates him. */
    UserInfo caller() {
        return Caller.of(client);
    }
}
