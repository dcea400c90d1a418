package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.runtime.store.Failures;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Keeps the Lease by which the operator knows that this process lives. Not thread-safe: {@link LeaseLoop} calls it.
 *
 * <p>Every request is a locked PUT or a create, so that of two processes of one pod only one can hold the Lease.
 */
final class Registration {
    /** What the operator is told; it waits this long, and a little more, before it takes runs away. */
    static final int LEASE_SECONDS = 8;

    static final Duration RENEW_EVERY = Duration.ofSeconds(2);
    /** After a failure: several tries must fit before the process fences itself. */
    static final Duration RETRY_EVERY = Duration.ofMillis(500);

    private static final Logger LOG = Logger.getLogger(Registration.class);
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final PodIdentity pod;
    private final LongSupplier nanoTime;
    private final Supplier<String> newHolderId;
    private final HolderListener listener;
    private Holder holder;
    private Lease lease;
    private boolean draining;

    /** @param newHolderId draws the id of a registration; never the same twice */
    Registration(
            KubernetesClient client,
            PodIdentity pod,
            LongSupplier nanoTime,
            Supplier<String> newHolderId,
            HolderListener listener) {
        this.client = client;
        this.pod = pod;
        this.nanoTime = nanoTime;
        this.newHolderId = newHolderId;
        this.listener = listener;
    }

    /** Registers or renews once, and returns when to call again. Never throws. */
    Duration tick() {
        try {
            if (holder != null && !holder.mayAct()) {
                lose("its Lease was not renewed in time");
            }
            if (holder == null) {
                register();
            } else {
                renew();
            }
            return RENEW_EVERY;
        } catch (KubernetesClientException e) {
            LOG.warnf("Lease %s: %s", pod.name(), Failures.reason(e));
        } catch (RuntimeException e) {
            LOG.warnf(e, "Lease %s", pod.name());
        }
        return RETRY_EVERY;
    }

    /** From the next tick on the Lease says that no new run should come. */
    void drain() {
        draining = true;
    }

    /** Tells the operator that this process holds nothing any more. */
    void release() {
        if (holder == null) {
            return;
        }
        lose("the process ends");
        try {
            lease = put(lease, "");
        } catch (KubernetesClientException e) {
            LOG.warnf("Lease %s not released, it will expire: %s", pod.name(), Failures.reason(e));
        }
    }

    private void register() {
        Lease found = leases().withName(pod.name()).get();
        String id = newHolderId.get();
        long started = nanoTime.getAsLong();
        lease = found == null ? leases().resource(lease(null, id)).create() : put(found, id);
        holder = new Holder(id, nanoTime, started);
        LOG.infof("registered as %s", id);
        listener.registered(holder);
    }

    private void renew() {
        long started = nanoTime.getAsLong();
        try {
            lease = put(lease, holder.id());
        } catch (KubernetesClientException e) {
            switch (e.getCode()) {
                case CONFLICT -> lookAgain(e);
                case NOT_FOUND ->
                    lease = leases().resource(lease(null, holder.id())).create();
                default -> throw e;
            }
        }
        if (holder != null) {
            holder.renewed(started);
        }
    }

    /** The Lease moved: by an annotation, by our own renewal whose reply was lost, or by a process that replaced us. */
    private void lookAgain(KubernetesClientException conflict) {
        Lease found = leases().withName(pod.name()).get();
        if (found == null || !holder.id().equals(found.getSpec().getHolderIdentity())) {
            lose("another process took its Lease");
            return;
        }
        lease = found;
        throw conflict;
    }

    private void lose(String why) {
        LOG.warnf("%s is over: %s", holder, why);
        Holder over = holder;
        holder = null;
        over.lose();
        listener.lost(over);
    }

    private Lease put(Lease current, String holderId) {
        return leases().resource(lease(current, holderId)).update();
    }

    private Lease lease(Lease current, String holderId) {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        boolean same = current != null && holderId.equals(current.getSpec().getHolderIdentity());
        int transitions = current == null || current.getSpec().getLeaseTransitions() == null
                ? 0
                : current.getSpec().getLeaseTransitions();
        return new LeaseBuilder()
                .withNewMetadata()
                .withName(pod.name())
                .withNamespace(pod.namespace())
                .withResourceVersion(
                        current == null ? null : current.getMetadata().getResourceVersion())
                .addToLabels(Api.LABEL_ROLE, "runtime")
                .addToAnnotations(Api.ANNOTATION_DRAINING, Boolean.toString(draining))
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod.name())
                .withUid(pod.uid())
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holderId)
                .withLeaseDurationSeconds(LEASE_SECONDS)
                .withAcquireTime(same ? current.getSpec().getAcquireTime() : now)
                .withRenewTime(now)
                .withLeaseTransitions(current == null || same ? transitions : transitions + 1)
                .endSpec()
                .build();
    }

    private NonNamespaceOperation<Lease, LeaseList, Resource<Lease>> leases() {
        return client.leases().inNamespace(pod.namespace());
    }
}
