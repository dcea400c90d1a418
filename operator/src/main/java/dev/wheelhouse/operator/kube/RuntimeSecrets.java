package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.operator.domain.Definitions;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The keys of Secrets that a namespace's definitions name: the kubelet mounts them into its runtimes, and no others. */
final class RuntimeSecrets {
    private RuntimeSecrets() {}

    /** Keys by name of the Secret. */
    static SortedMap<String, SortedSet<String>> of(Definitions defs) {
        SortedMap<String, SortedSet<String>> secrets = new TreeMap<>();
        Stream.of(
                        defs.models().stream().map(model -> model.secret()),
                        defs.toolServers().stream()
                                .map(server -> server.auth() == null
                                        ? null
                                        : server.auth().secret()),
                        Stream.ofNullable(notifications(defs.tenant())),
                        defs.agents().stream().flatMap(RuntimeSecrets::credentials))
                .flatMap(named -> named)
                .filter(RuntimeSecrets::mountable)
                .forEach(key -> secrets.computeIfAbsent(key.name(), n -> new TreeSet<>())
                        .add(key.key()));
        return secrets;
    }

    /** What the egress proxy adds to requests of the agent's sandbox. */
    private static Stream<SecretKey> credentials(AgentSpec agent) {
        return agent.sandbox() == null || agent.sandbox().egress() == null
                ? Stream.empty()
                : agent.sandbox().egress().stream()
                        .map(SandboxSpec.EgressRule::credential)
                        .filter(Objects::nonNull)
                        .map(SandboxSpec.Credential::secret);
    }

    /** Signing key of the Tenant's webhook, or null. */
    private static SecretKey notifications(TenantSpec tenant) {
        return tenant.approvals() == null || tenant.approvals().notification() == null
                ? null
                : tenant.approvals().notification().secretRef();
    }

    /** Kubernetes refuses paths that begin with two dots, and one bad key must not stop the whole runtime. */
    private static boolean mountable(SecretKey key) {
        return key != null && !key.key().equals(".") && !key.key().startsWith("..");
    }

    /** Only the keys that are named, and optional: a run that misses one waits for it instead of the whole pod. */
    static Volume volume(String volume, String secret, SortedSet<String> keys) {
        var source = new VolumeBuilder()
                .withName(volume)
                .withNewSecret()
                .withSecretName(secret)
                .withOptional(true);
        keys.forEach(key -> source.addNewItem().withKey(key).withPath(key).endItem());
        return source.endSecret().build();
    }
}
