package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.SandboxShape;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import dev.wheelhouse.operator.domain.sandbox.Claimant;
import dev.wheelhouse.operator.domain.sandbox.SandboxAction.Cause;
import dev.wheelhouse.operator.domain.sandbox.SandboxPlan;
import dev.wheelhouse.operator.domain.sandbox.SandboxRules;
import dev.wheelhouse.operator.domain.sandbox.SandboxView;
import dev.wheelhouse.operator.domain.sandbox.Warm;
import dev.wheelhouse.operator.kube.Catalog;
import dev.wheelhouse.operator.kube.Events;
import dev.wheelhouse.operator.kube.LeavingNamespace;
import dev.wheelhouse.operator.kube.SandboxApi;
import dev.wheelhouse.operator.kube.SandboxObjects;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Carries decisions about sandboxes out: each is one write of a pod. */
public final class SandboxActions {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxActions.class);
    private static final int MAX_REASON = 512;

    /** A write that is still to be done. */
    @FunctionalInterface
    interface Write {
        Result run();
    }

    /** What came of a write. */
    sealed interface Result {
        /** The pod is like this now. */
        record Done(SandboxView pod) implements Result {}

        /** Somebody else was quicker. */
        record Lost() implements Result {}

        /** The API server refused, or did not answer. */
        record Failed(String reason) implements Result {}
    }

    private final Catalog catalog;
    private final SandboxApi api;
    private final SandboxObjects objects;
    private final Events events;
    private final MeterRegistry metrics;
    private final Clockwork clock;
    private volatile Predicate<String> runtimeUp = namespace -> false;

    public SandboxActions(
            Catalog catalog,
            SandboxApi api,
            SandboxObjects objects,
            Events events,
            MeterRegistry metrics,
            Clockwork clock) {
        this.catalog = catalog;
        this.api = api;
        this.objects = objects;
        this.events = events;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Who knows whether a namespace's runtime is up. */
    void runtimes(Predicate<String> up) {
        runtimeUp = up;
    }

    SandboxPlan.Situation situation(String namespace, List<Claimant> claimants, List<SandboxView> pods) {
        TenantSandbox tenant = catalog.of(namespace).tenant().sandbox();
        SandboxRules rules = new SandboxRules(tenant);
        return new SandboxPlan.Situation(claimants, pods, rules, warm(tenant, rules), runtimeUp.test(namespace), now());
    }

    private static Warm warm(TenantSandbox tenant, SandboxRules rules) {
        TenantSandbox.Warm warm = tenant == null ? null : tenant.warm();
        int replicas = warm == null || warm.replicas() == null ? 0 : warm.replicas();
        Optional<String> image = replicas == 0
                ? Optional.empty()
                : Optional.ofNullable(warm.image()).or(rules::defaultImage);
        return image.filter(i -> rules.refuse(i, warm.resources()).isEmpty())
                .map(i -> new Warm(
                        replicas, i, warm.resources(), SandboxShape.of(i, warm.resources(), runtimeClass(tenant))))
                .orElse(Warm.NONE);
    }

    private static String runtimeClass(TenantSandbox tenant) {
        return tenant == null ? null : tenant.runtimeClassName();
    }

    /** The pod that {@link #create} makes, before it is made. */
    SandboxView created(Claimant claimant) {
        return new SandboxView(
                claimant.run().namespace(),
                SandboxApi.name(claimant.run().name(), claimant.key(), claimant.after()),
                "",
                "",
                claimant.key(),
                "",
                claimant.after(),
                SandboxView.Life.STARTING,
                claimant.shared(),
                now(),
                null);
    }

    Write create(Claimant claimant) {
        String namespace = claimant.run().namespace();
        return write("create", namespace, "sandbox of run " + claimant.run().name(), () -> {
            String address = objects.ensure(namespace, catalog.tenantOf(namespace));
            return api.create(
                    claimant,
                    owner(claimant),
                    runtimeClass(catalog.of(namespace).tenant().sandbox()),
                    address);
        });
    }

    Write adopt(SandboxView pod) {
        return write("adopt", pod.namespace(), "sandbox " + pod.name(), () -> api.adopt(pod, now()));
    }

    /** {@code ask}: whether the API server is asked first if the pod's run uses it, which the watch may not show yet. */
    Write delete(SandboxView pod, Cause cause, boolean ask) {
        Write delete = write("delete", pod.namespace(), "sandbox " + pod.name(), () -> {
            if (cause == Cause.SURPLUS && pod.claim() == null) {
                api.keepFromRuns(pod, now());
            }
            api.delete(pod);
            return pod.going();
        });
        return ask ? () -> used(pod) ? new Result.Failed("its run uses it") : delete.run() : delete;
    }

    private boolean used(SandboxView pod) {
        try {
            return api.used(pod);
        } catch (KubernetesClientException e) {
            LOG.debug("run of sandbox {} in {}: {}", pod.name(), pod.namespace(), e.toString());
            return true; // Nobody can say: it stays until somebody can.
        }
    }

    /** A warm pod before it is made. */
    SandboxView warmed(String namespace, Warm warm) {
        return new SandboxView(
                namespace,
                SandboxApi.warmName(),
                "",
                "",
                "",
                warm.shape(),
                "",
                SandboxView.Life.STARTING,
                true,
                now(),
                null);
    }

    Write warm(SandboxView expected, Warm warm) {
        String namespace = expected.namespace();
        return write("warm", namespace, "warm sandbox " + expected.name(), () -> {
            Optional<Tenant> tenant = catalog.tenantOf(namespace);
            String address = objects.ensure(namespace, tenant);
            return api.warm(
                    namespace,
                    expected.name(),
                    warm,
                    tenant.map(SandboxApi::owner),
                    runtimeClass(catalog.of(namespace).tenant().sandbox()),
                    address);
        });
    }

    /** Its own run; for shared ones their agent, as long as it is there. */
    private Optional<OwnerReference> owner(Claimant claimant) {
        OwnerReference run =
                SandboxApi.ownerRun(claimant.run().name(), claimant.run().uid());
        if (!claimant.shared()) {
            return Optional.of(run);
        }
        return catalog.agentsOf(claimant.run().namespace())
                .filter(agent -> agent.getMetadata().getName().equals(claimant.agent()))
                .findFirst()
                .filter(agent -> !agent.isMarkedForDeletion())
                .map(SandboxApi::owner)
                .or(() -> Optional.of(run));
    }

    private Write write(String action, String namespace, String what, Supplier<SandboxView> call) {
        return () -> {
            Result result;
            try {
                result = new Result.Done(call.get());
            } catch (KubernetesClientException e) {
                result = e.getCode() == HttpURLConnection.HTTP_CONFLICT
                                || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                        ? new Result.Lost()
                        : new Result.Failed(reason(action, e));
                if (result instanceof Result.Failed) {
                    objects.doubt(namespace); // It may be what a sandbox needs that is missing.
                }
                boolean nobodysFault = result instanceof Result.Lost || LeavingNamespace.refused(e);
                LOG.atLevel(nobodysFault ? Level.DEBUG : Level.WARN)
                        .log("{} of {} in {} failed: {}", action, what, namespace, e.toString());
            } catch (RuntimeException e) {
                LOG.warn("{} of {} in {} failed", action, what, namespace, e);
                result = new Result.Failed("the operator could not " + action + " the sandbox; see its log");
            }
            metrics.counter("wheelhouse.sandboxes", "action", action, "outcome", outcome(result))
                    .increment();
            return result;
        };
    }

    private static String outcome(Result result) {
        return switch (result) {
            case Result.Done ignored -> "done";
            case Result.Lost ignored -> "lost";
            case Result.Failed ignored -> "failed";
        };
    }

    private static String reason(String action, KubernetesClientException e) {
        String message = e.getStatus() != null && e.getStatus().getMessage() != null
                ? e.getStatus().getMessage()
                : Objects.requireNonNullElse(e.getMessage(), "no answer");
        String cut = message.length() <= MAX_REASON ? message : message.substring(0, MAX_REASON) + "…";
        return "the API server did not let the operator " + action + " the sandbox: " + cut;
    }

    void tell(Run about, String reason, String message) {
        events.emit(about, Events.Type.Warning, reason, message);
    }

    private Instant now() {
        return clock.now().get();
    }
}
