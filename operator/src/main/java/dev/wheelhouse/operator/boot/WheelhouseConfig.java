package dev.wheelhouse.operator.boot;

import dev.wheelhouse.api.v1alpha1.Isolation;
import dev.wheelhouse.api.v1alpha1.Limits;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import dev.wheelhouse.api.v1alpha1.TenantSpec;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** Configuration of the operator. */
@ConfigMapping(prefix = "wheelhouse")
public interface WheelhouseConfig {
    /** Runtime pods. */
    RuntimeImage runtime();

    /** Sandbox pods. */
    SandboxImages sandbox();

    /** The contract of namespaces without a Tenant. */
    DefaultTenant tenant();

    /** The operator itself. */
    OperatorProcess operator();

    /** The contract of namespaces that have none of their own. */
    default TenantSpec standard() {
        return tenant().spec(sandbox().image());
    }

    /** Runtime pods. */
    interface RuntimeImage {
        /** Image of the runtime. */
        @WithDefault("wheelhouse.local/runtime:dev")
        String image();
    }

    /** Sandbox pods. */
    interface SandboxImages {
        /** Image of agents that name none, where the Tenant names none either. */
        @WithDefault("wheelhouse.local/sandbox:dev")
        String image();

        /** Image with the daemon that runs the commands. */
        @WithDefault("wheelhouse.local/sandboxd:dev")
        String daemonImage();

        /** Whether sandboxes get user namespaces of their own ({@code hostUsers: false}). */
        @WithDefault("true")
        boolean userNamespaces();
    }

    /** The operator itself. */
    interface OperatorProcess {
        /** Namespaces that are served; unset: all. */
        Optional<List<String>> namespaces();

        /** Namespace of the leader's Lease. */
        @WithDefault("${POD_NAMESPACE:wheelhouse-system}")
        String namespace();

        /** Name of this process; empty draws one. */
        @WithDefault("${POD_NAME:}")
        Optional<String> name();

        /** Status writes in flight at once. */
        @WithDefault("32")
        int concurrentWrites();
    }

    /** The chart's default Tenant. Fields as in Tenant.spec. */
    interface DefaultTenant {
        @WithDefault("500")
        int maxConcurrentRuns();

        @WithDefault("Shared")
        Isolation isolation();

        RuntimePods runtime();

        DefaultLimits limits();

        /** As a Tenant's spec. {@code sandboxImage}: the one that is allowed. */
        default TenantSpec spec(String sandboxImage) {
            var runtime = runtime();
            return new TenantSpec(
                    maxConcurrentRuns(),
                    isolation(),
                    new TenantSpec.Runtime(runtime.replicas(), runtime.idleSeconds(), runtime.cpu(), runtime.memory()),
                    new TenantSpec.Journal(TenantSpec.Store.ConfigMap, null),
                    limits().limits(),
                    null,
                    new TenantSandbox(List.of(sandboxImage), null, null, null, null, null, null, null));
        }
    }

    /** Fields as in Tenant.spec.runtime. */
    interface RuntimePods {
        @WithDefault("2")
        int replicas();

        @WithDefault("600")
        int idleSeconds();

        @WithDefault("100m")
        String cpu();

        @WithDefault("512Mi")
        String memory();
    }

    /** Fields as in Tenant.spec.limits. */
    interface DefaultLimits {
        Optional<Integer> steps();

        Optional<Integer> toolCalls();

        Optional<Long> tokens();

        Optional<Long> costMicros();

        Optional<Long> seconds();

        Optional<Integer> repairs();

        Optional<Integer> identicalCalls();

        Optional<Integer> depth();

        /** As a Tenant's limits; null if none is set. */
        default Limits limits() {
            Limits limits = new Limits(
                    steps().orElse(null),
                    toolCalls().orElse(null),
                    tokens().orElse(null),
                    costMicros().orElse(null),
                    seconds().orElse(null),
                    repairs().orElse(null),
                    identicalCalls().orElse(null),
                    depth().orElse(null));
            return limits.equals(new Limits(null, null, null, null, null, null, null, null)) ? null : limits;
        }
    }
}
