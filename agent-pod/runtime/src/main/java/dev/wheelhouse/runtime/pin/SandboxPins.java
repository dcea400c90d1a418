package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.SandboxDefaults;
import dev.wheelhouse.api.v1alpha1.SandboxScope;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import dev.wheelhouse.runtime.sandbox.BuiltinTool;
import dev.wheelhouse.runtime.sandbox.SandboxBinding;
import dev.wheelhouse.runtime.tool.ToolKind;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The built-in tools of agents with a sandbox, and what their sandbox is for this run. */
final class SandboxPins {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BYTES = 64 * 1024;
    private static final int KEY_CHARS = 20;

    private final SandboxLimits limits;
    private final Catalog catalog;
    private final SecretFiles secrets;
    private final Missing missing;

    /** @param limits what the Tenant allows */
    SandboxPins(SandboxLimits limits, Catalog catalog, SecretFiles secrets, Missing missing) {
        this.limits = limits;
        this.catalog = catalog;
        this.secrets = secrets;
        this.missing = missing;
    }

    /** Names that no other tool may have. */
    static List<String> names() {
        return Arrays.stream(BuiltinTool.values()).map(BuiltinTool::toolName).toList();
    }

    /** @param spec of the Agent; not null */
    List<PinnedTool> of(SandboxSpec spec, Run run) throws Pinning.Refused {
        List<RunSpec.InputFile> files = Objects.requireNonNullElse(run.getSpec().files(), List.of());
        List<SandboxSpec.EgressRule> egress = Objects.requireNonNullElse(spec.egress(), List.of());
        limits.check(egress);
        egress.forEach(this::needsSecret);
        files.forEach(this::needsFile);
        SandboxState.Request request = request(spec, run);
        SandboxBinding binding = new SandboxBinding(
                request,
                limits.warmShape(request),
                Boolean.TRUE.equals(spec.requireIsolation()) || limits.requireIsolation(),
                files,
                egress,
                spec.egressLimits(),
                limits.privateNetworks());
        String reach = SandboxWords.reach(egress);
        String survives = SandboxWords.survives(request);
        return Arrays.stream(BuiltinTool.values())
                .map(tool -> pinned(tool, binding, reach, survives))
                .toList();
    }

    private static PinnedTool pinned(BuiltinTool tool, SandboxBinding binding, String reach, String survives) {
        ObjectNode schema = tool.schema();
        return new PinnedTool(
                tool.toolName(),
                tool.description(reach, survives),
                ToolKind.BUILTIN,
                ToolKind.sandbox.name(),
                tool.effect(),
                schema,
                JsonNodeFactory.instance.objectNode(),
                tool.timeout(),
                MAX_BYTES,
                binding.json(),
                Canonical.digest(schema));
    }

    private SandboxState.Request request(SandboxSpec spec, Run run) throws Pinning.Refused {
        SandboxScope scope = scope(spec, run);
        SandboxSpec.Workspace workspace = spec.workspace();
        return new SandboxState.Request(
                key(scope, spec, run),
                null,
                scope,
                limits.image(spec.image()),
                limits.resources(spec.resources()),
                new SandboxSpec.Workspace(
                        workspace != null && Boolean.TRUE.equals(workspace.keep()),
                        workspace == null || workspace.size() == null ? SandboxDefaults.WORKSPACE : workspace.size(),
                        workspace == null ? null : workspace.storageClassName()),
                Objects.requireNonNullElse(spec.idleSeconds(), SandboxDefaults.IDLE_SECONDS),
                Objects.requireNonNullElse(spec.maxSeconds(), SandboxDefaults.MAX_SECONDS),
                Boolean.TRUE.equals(spec.keepWhileWaiting()));
    }

    /** A run without a thread shares with nobody. */
    private static SandboxScope scope(SandboxSpec spec, Run run) {
        SandboxScope scope = Objects.requireNonNullElse(spec.scope(), SandboxScope.Run);
        return scope == SandboxScope.Thread && run.getSpec().thread() == null ? SandboxScope.Run : scope;
    }

    /** Whoever shares a sandbox has agreed on all of it, what it may reach included. */
    private String key(SandboxScope scope, SandboxSpec spec, Run run) {
        ObjectNode whole = JSON.createObjectNode()
                .put("scope", scope.name())
                .put("agent", run.getSpec().agent());
        // A thread is its requester's: nobody gets at another's files by naming the same one.
        switch (scope) {
            case Run -> whole.put("run", run.getMetadata().getUid());
            case Thread ->
                whole.put("thread", run.getSpec().thread())
                        .put("requester", run.getSpec().requester());
            case Tenant -> {}
        }
        whole.set("sandbox", JSON.valueToTree(spec));
        whole.set("tenant", limits.json());
        String digest = Canonical.digest(whole);
        int hex = digest.indexOf(':') + 1;
        return digest.substring(hex, hex + KEY_CHARS);
    }

    private void needsSecret(SandboxSpec.EgressRule rule) {
        if (rule.credential() == null) {
            return;
        }
        try {
            secrets.read(rule.credential().secret());
        } catch (SecretUnavailable e) {
            missing.add("Secret/" + e.secret(), e.getMessage());
        }
    }

    private void needsFile(RunSpec.InputFile file) {
        String map = file.configMap().name();
        if (!catalog.has(file.configMap())) {
            missing.add(
                    "ConfigMap/" + map,
                    "ConfigMap '" + map + "' with key '" + file.configMap().key()
                            + "', from which spec.files of the Run takes '" + file.path()
                            + "', does not exist; create it");
        }
    }
}
