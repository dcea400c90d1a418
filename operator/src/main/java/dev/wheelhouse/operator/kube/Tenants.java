package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Isolation;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import java.util.Objects;

/** Tenant specs with every default in place, as the schema gives them; objects older than a default lack it. */
public final class Tenants {
    private static final TenantSpec.Runtime RUNTIME = new TenantSpec.Runtime(2, 600, "100m", "512Mi");
    private static final int MAX_RUNS = 500;

    private Tenants() {}

    /** The spec with nothing but limits and approvals absent. {@code standard}: names the chart's sandbox image. */
    public static TenantSpec complete(TenantSpec spec, TenantSpec standard) {
        return new TenantSpec(
                Objects.requireNonNullElse(spec.maxConcurrentRuns(), MAX_RUNS),
                Objects.requireNonNullElse(spec.isolation(), Isolation.Shared),
                runtime(spec.runtime()),
                Objects.requireNonNullElse(spec.journal(), new TenantSpec.Journal(TenantSpec.Store.ConfigMap, null)),
                spec.limits(),
                spec.approvals(),
                sandbox(spec.sandbox(), standard.sandbox()));
    }

    private static TenantSandbox sandbox(TenantSandbox sandbox, TenantSandbox standard) {
        return sandbox == null || standard == null
                ? standard
                : new TenantSandbox(
                        Objects.requireNonNullElse(sandbox.images(), standard.images()),
                        sandbox.runtimeClassName(),
                        sandbox.hosts(),
                        sandbox.privateNetworks(),
                        sandbox.caBundle(),
                        sandbox.maxResources(),
                        sandbox.requireIsolation(),
                        sandbox.warm());
    }

    private static TenantSpec.Runtime runtime(TenantSpec.Runtime runtime) {
        return runtime == null
                ? RUNTIME
                : new TenantSpec.Runtime(
                        Objects.requireNonNullElse(runtime.replicas(), RUNTIME.replicas()),
                        Objects.requireNonNullElse(runtime.idleSeconds(), RUNTIME.idleSeconds()),
                        Objects.requireNonNullElse(runtime.cpu(), RUNTIME.cpu()),
                        Objects.requireNonNullElse(runtime.memory(), RUNTIME.memory()));
    }
}
