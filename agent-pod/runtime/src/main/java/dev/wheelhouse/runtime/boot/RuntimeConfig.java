package dev.wheelhouse.runtime.boot;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What the operator and the chart tell this process, by environment variables. */
@ConfigMapping(prefix = "wheelhouse.process")
public interface RuntimeConfig {
    Pod pod();

    /** The pod this process runs in ({@code POD_NAME}, {@code POD_UID}, {@code POD_NAMESPACE}). */
    interface Pod {
        String name();

        String uid();

        String namespace();
    }

    /** Mount of the claim for journals ({@code WHEELHOUSE_JOURNAL_DIR}); without it they are ConfigMaps. */
    Optional<Path> journalDir();

    /** Where the kubelet mounts Secrets. */
    @WithDefault("/etc/wheelhouse/secrets")
    Path secretsDir();

    /** Requests of runs to the API server under way at once; more of them queue inside the process. */
    @WithDefault("32")
    int apiRequests();

    /** Longest time for one attempt to renew the Lease; several must fit into 6 s. */
    @WithDefault("1500ms")
    Duration leaseTimeout();

    /** How often files of deleted runs are looked for, where journals are files. */
    @WithDefault("1h")
    Duration sweepEvery();

    /** Port that sandboxes connect to. */
    @WithDefault("8082")
    int sandboxPort();

    /** Image of sandboxes whose Agent and Tenant name none ({@code WHEELHOUSE_SANDBOX_IMAGE}). */
    Optional<String> sandboxImage();

    /** How long runs may take to be handed over; must be below the pod's grace period. */
    @WithDefault("75s")
    Duration drainTimeout();
}
