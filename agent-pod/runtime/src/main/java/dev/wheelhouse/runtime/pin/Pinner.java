package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Delegate;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.guard.Limits;
import dev.wheelhouse.core.harness.PastTurn;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.runtime.approval.CelConditions;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.tool.McpServers;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies everything that a run will be held to, from the live objects of its namespace. Names of Secrets are copied,
 * values never.
 */
public final class Pinner {
    private static final int MAX_INSTRUCTIONS = 256 * 1024;

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final SharedReads reads = new SharedReads();
    private final SecretFiles secrets;
    private final McpServers servers;
    private final ThreadPins threads;
    private final dev.wheelhouse.api.v1alpha1.Limits defaultTenant;
    private final String sandboxImage;
    private final CelConditions conditions;
    private final InstantSource clock;

    /**
     * @param journals where what the runs before said is read, for runs of a thread
     * @param defaultTenant limits of namespaces without a Tenant, as the chart sets them; may be null
     * @param sandboxImage image of sandboxes where the Tenant names none; may be null
     */
    public Pinner(
            KubernetesClient client,
            ApiPermits permits,
            SecretFiles secrets,
            McpServers servers,
            JournalStore journals,
            dev.wheelhouse.api.v1alpha1.Limits defaultTenant,
            String sandboxImage,
            CelConditions conditions,
            InstantSource clock) {
        this.client = client;
        this.permits = permits;
        this.secrets = secrets;
        this.servers = servers;
        this.threads = new ThreadPins(client, permits, journals);
        this.defaultTenant = defaultTenant;
        this.sandboxImage = sandboxImage;
        this.conditions = conditions;
        this.clock = clock;
    }

    /** Pins this run when asked to. */
    public Pinning of(Run run) {
        return () -> {
            Missing missing = new Missing();
            try {
                return pin(run, missing);
            } catch (KubernetesClientException e) {
                missing.add("Run/" + run.getMetadata().getName(), "the API server did not answer; it is tried again");
                missing.throwIfAny();
                throw e;
            }
        };
    }

    /** Digest of what a run is pinned to, as {@code sha256:hex} of the canonical JSON. */
    public static String digest(PinnedRun run) {
        return Canonical.digest(Json.tree(run));
    }

    private PinnedRun pin(Run run, Missing missing) throws Pinning.NotReady, Pinning.Refused, InterruptedException {
        Catalog catalog = new Catalog(client, permits, reads, run.getMetadata().getNamespace());
        String agentName = run.getSpec().agent();
        Optional<AgentSpec> found = catalog.agent(agentName);
        if (found.isEmpty()) {
            missing.add("Agent/" + agentName, "Agent '" + agentName + "' does not exist; create it");
            missing.throwIfAny();
        }
        AgentSpec agent = found.orElseThrow();
        Optional<TenantSpec> tenant = catalog.tenant();
        Limits limits = EffectiveLimits.of(
                tenant.isPresent() ? tenant.get().limits() : defaultTenant,
                agent.limits(),
                run.getSpec().limits());
        Gates gates = new Gates(tenant.map(TenantSpec::approvals).orElse(null), conditions);
        List<PinnedModel> models = new ModelPins(catalog, secrets, missing).of(agent, limits.costMicros() != null);
        List<PinnedTool> tools = gates.gated(agent, tools(catalog, agent, tenant, run, missing));
        String instructions = instructions(catalog, agent, missing);
        checkOutput(agent.outputSchema());
        missing.throwIfAny();
        List<PastTurn> history = threads.before(run, missing);
        missing.throwIfAny();
        return new PinnedRun(
                new RunId(
                        run.getMetadata().getNamespace(),
                        run.getMetadata().getName(),
                        run.getMetadata().getUid()),
                agentName,
                instructions,
                run.getSpec().input(),
                models,
                tools,
                agent.outputSchema(),
                limits,
                run.getSpec().requester(),
                run.getSpec().parent() == null ? 0 : run.getSpec().parent().depth(),
                startedAt(run),
                gates.inDoubt(),
                root(run),
                run.getSpec().thread(),
                history);
    }

    /** The run that people asked for, as the parents of this one handed its name down. */
    private static String root(Run run) {
        var parent = run.getSpec().parent();
        if (parent == null) {
            return null;
        }
        var labels = run.getMetadata().getLabels();
        return labels == null ? parent.name() : labels.getOrDefault(Api.LABEL_ROOT, parent.name());
    }

    private List<PinnedTool> tools(
            Catalog catalog, AgentSpec agent, Optional<TenantSpec> tenant, Run run, Missing missing)
            throws Pinning.Refused, InterruptedException {
        List<PinnedTool> tools = new ArrayList<>(new ToolPins(catalog, secrets, servers, missing).of(agent));
        if (agent.ask() != null) {
            refuseName(tools, AskPin.NAME, "spec.ask");
            tools.add(AskPin.of());
        }
        tools.addAll(sandbox(catalog, agent, tenant, run, missing, tools));
        List<Delegate> delegates = agent.delegates() == null ? List.of() : agent.delegates();
        if (delegates.isEmpty()) {
            return tools;
        }
        refuseName(tools, DelegatePin.NAME, "spec.delegates");
        for (Delegate delegate : delegates) {
            if (catalog.agent(delegate.agent()).isEmpty()) {
                missing.add(
                        "Agent/" + delegate.agent(),
                        "Agent '" + delegate.agent() + "' of spec.delegates does not exist; create it");
            }
        }
        tools.add(DelegatePin.of(delegates, run.getSpec().isolation()));
        return tools;
    }

    private List<PinnedTool> sandbox(
            Catalog catalog,
            AgentSpec agent,
            Optional<TenantSpec> tenant,
            Run run,
            Missing missing,
            List<PinnedTool> others)
            throws Pinning.Refused {
        if (agent.sandbox() == null) {
            if (run.getSpec().files() != null && !run.getSpec().files().isEmpty()) {
                throw new Pinning.Refused("RunInvalid: spec.files of the Run are for a sandbox, but Agent '"
                        + run.getSpec().agent() + "' has none; remove them, or set spec.sandbox of the Agent");
            }
            return List.of();
        }
        for (String name : SandboxPins.names()) {
            refuseName(others, name, "spec.sandbox");
        }
        SandboxLimits limits = new SandboxLimits(tenant.map(TenantSpec::sandbox).orElse(null), sandboxImage);
        return new SandboxPins(limits, catalog, secrets, missing).of(agent.sandbox(), run);
    }

    private static void refuseName(List<PinnedTool> tools, String name, String field) throws Pinning.Refused {
        if (tools.stream().anyMatch(tool -> tool.name().equals(name))) {
            throw new Pinning.Refused("AgentInvalid: a tool is called '" + name + "' like the built-in tool of " + field
                    + "; remove one of them");
        }
    }

    private static String instructions(Catalog catalog, AgentSpec agent, Missing missing) throws Pinning.Refused {
        if (agent.instructionsFrom() == null) {
            return agent.instructions() == null ? "" : agent.instructions();
        }
        String map = agent.instructionsFrom().name();
        String key = agent.instructionsFrom().key();
        Optional<String> text = catalog.text(agent.instructionsFrom());
        if (text.isEmpty()) {
            missing.add("ConfigMap/" + map, "ConfigMap '" + map + "' with key '" + key + "' does not exist; create it");
        } else if (text.get().length() > MAX_INSTRUCTIONS) {
            throw new Pinning.Refused("the instructions in key '" + key + "' of ConfigMap '" + map
                    + "' are longer than " + MAX_INSTRUCTIONS + " characters; shorten them");
        }
        return text.orElse("");
    }

    private static void checkOutput(JsonNode schema) throws Pinning.Refused {
        if (schema != null && !schema.isNull()) {
            Schemas.checkUsable(schema, "spec.outputSchema of the Agent");
        }
    }

    /** The first assignment's time, so that a run that waited before its start is not younger than its limit. */
    private Instant startedAt(Run run) {
        String started = run.getStatus() == null ? null : run.getStatus().startTime();
        try {
            return started == null ? clock.instant() : Instant.parse(started);
        } catch (DateTimeParseException e) {
            return clock.instant();
        }
    }
}
