package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.Agent;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.Limits;
import dev.wheelhouse.api.v1alpha1.Model;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.api.v1alpha1.ToolServer;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.runtime.approval.CelConditions;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.ConfigMapJournalStore;
import dev.wheelhouse.runtime.testkit.FakeApiServer;
import dev.wheelhouse.runtime.tool.McpServers;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** A namespace with what a run {@code r} of agent {@code a} may name. Specs are JSON in single quotes. */
final class PinSpace implements AutoCloseable {
    static final String IMAGE = "registry.test/sandbox:1";
    static final String CANARY = "canary-0123456789abcdef";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Limits CHART = new Limits(20, null, null, null, null, null, null, null);

    final FakeApiServer api = new FakeApiServer();
    private final KubernetesClient client = api.client("ns");
    final JournalStore journals = new ConfigMapJournalStore(client, new ApiPermits(8));
    private final Path secrets;
    private final McpServers servers;
    private final Pinner pinner;

    PinSpace(Path secrets) {
        this.secrets = secrets;
        this.servers = new McpServers(new SecretFiles(secrets));
        this.pinner = new Pinner(
                client,
                new ApiPermits(8),
                new SecretFiles(secrets),
                servers,
                journals,
                CHART,
                IMAGE,
                new CelConditions(),
                () -> Instant.parse("2026-11-24T10:00:00Z"));
    }

    PinnedRun pin() throws Exception {
        return pin(new RunSpec("a", "what?", "ada", null, null, false, null, null, null, null, null));
    }

    PinnedRun pin(RunSpec spec) throws Exception {
        return pin(run("r", spec));
    }

    PinnedRun pin(Run run) throws Exception {
        return pinner.of(run).pin();
    }

    /** A Run of this name. */
    static Run run(String name, RunSpec spec) {
        Run run = new Run();
        run.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace("ns")
                .withUid(name.equals("r") ? "run-uid" : "uid-of-" + name)
                .build());
        run.setSpec(spec);
        return run;
    }

    /** The Run with its status. */
    void there(Run run) {
        create(run);
    }

    void agent(String spec) {
        put(new Agent(), "a", read(spec, AgentSpec.class));
    }

    void model(String name, String spec) {
        put(new Model(), name, read(spec, ModelSpec.class));
    }

    void toolServer(String name, String spec) {
        put(new ToolServer(), name, read(spec, ToolServerSpec.class));
    }

    void tenant(String spec) {
        put(new Tenant(), Tenant.NAME, read(spec, TenantSpec.class));
    }

    void configMap(String name, String key, String text) {
        create(new ConfigMapBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withName(name)
                        .withNamespace("ns")
                        .build())
                .addToData(key, text)
                .build());
    }

    void secret(String name, String key, String value) throws IOException {
        Files.createDirectories(secrets.resolve(name));
        Files.writeString(secrets.resolve(name).resolve(key), value);
    }

    private <S, T extends CustomResource<S, ?>> void put(T object, String name, S spec) {
        object.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace("ns").build());
        object.setSpec(spec);
        create(object);
    }

    private void create(HasMetadata object) {
        client.resource(object).delete();
        client.resource(object).create();
    }

    private static <T> T read(String json, Class<T> type) {
        try {
            return JSON.readValue(json.replace('\'', '"'), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        servers.close();
        client.close();
        api.close();
    }
}
