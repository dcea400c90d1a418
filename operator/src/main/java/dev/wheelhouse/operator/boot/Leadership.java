package dev.wheelhouse.operator.boot;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.quarkus.runtime.Quarkus;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which operator works. An optimisation against doing everything twice: the elector compares clocks of two machines and
 * may err, so every write is safe with two leaders.
 */
public final class Leadership {
    /** Name of the Lease. */
    public static final String LEASE = "wheelhouse-operator";

    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    /** After a crash, the other operator takes over this long later; what executes goes on meanwhile. */
    private static final Duration LEASE_DURATION = Duration.ofSeconds(15);

    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

    private final String namespace;
    private final String identity;
    private volatile boolean leading;
    private volatile boolean stopping;
    private volatile Runnable onLeading = () -> {};

    public Leadership(WheelhouseConfig config) {
        namespace = config.operator().namespace();
        identity = config.operator().name().filter(name -> !name.isEmpty()).orElse("operator")
                + "-"
                + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Whether this operator leads. */
    public boolean leading() {
        return leading;
    }

    /** Name of this process. */
    public String identity() {
        return identity;
    }

    /** What to do when this operator begins to lead. */
    public void onLeading(Runnable onLeading) {
        this.onLeading = onLeading;
    }

    /** There is no election: this operator leads. */
    public void leadAlone() {
        start();
    }

    /** For the SDK. */
    public LeaderElectionConfiguration election() {
        return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                .withLeaseNamespace(namespace)
                .withIdentity(identity)
                .withLeaseDuration(LEASE_DURATION)
                .withRenewDeadline(RENEW_DEADLINE)
                .withRetryPeriod(RETRY_PERIOD)
                .withLeaderCallbacks(new LeaderCallbacks(this::start, this::lost, leader -> {}))
                .build();
    }

    private void start() {
        leading = true;
        onLeading.run();
    }

    private void lost() {
        boolean led = leading;
        leading = false;
        if (led && !stopping) {
            LOG.warn("Leadership is lost; restarting as a follower");
            Quarkus.asyncExit(1);
        }
    }

    /** A graceful stop begins. */
    public void stopping() {
        stopping = true;
    }

    /** After the last write: hands the Lease over, so that a rollout does not wait for it to expire. */
    public void release(KubernetesClient client) {
        if (!leading && !stopping) {
            return;
        }
        leading = false;
        try {
            Lease lease = client.leases().inNamespace(namespace).withName(LEASE).get();
            if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
                lease.getSpec().setHolderIdentity(null);
                client.resource(lease).update();
                LOG.info("Leadership is handed over");
            }
        } catch (KubernetesClientException e) {
            LOG.warn("Leadership could not be handed over and will expire: {}", e.toString());
        }
    }
}
