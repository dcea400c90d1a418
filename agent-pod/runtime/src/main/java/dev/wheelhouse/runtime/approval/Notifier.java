package dev.wheelhouse.runtime.approval;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ConditionType;
import dev.wheelhouse.api.v1alpha1.Tenant;
import dev.wheelhouse.api.v1alpha1.TenantApprovals.Notify;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Failures;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Sees to it that the Tenant's webhook hears of every pending Approval at least once: at once of those made here, and
 * now and then of those whose maker was lost or whose receiver did not answer.
 */
public final class Notifier {
    private static final Logger LOG = Logger.getLogger(Notifier.class);
    private static final Duration SWEEP = Duration.ofSeconds(30);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final Duration LAST_RETRY = Duration.ofMinutes(10);
    private static final int MOST_WAITING = 10_000;
    private static final int MAX_MESSAGE = 1024;

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final String namespace;
    private final Webhook webhook;
    private final ApprovalStatusWriter writer;
    private final InstantSource clock;
    private final LinkedBlockingQueue<String> made = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Map<String, Failed> failed = new HashMap<>();

    private record Failed(int times, Instant next) {}

    public Notifier(
            KubernetesClient client,
            ApiPermits permits,
            String namespace,
            SecretFiles secrets,
            Http http,
            InstantSource clock) {
        this.client = client;
        this.permits = permits;
        this.namespace = namespace;
        this.webhook = new Webhook(secrets, http);
        this.writer = new ApprovalStatusWriter(client, permits);
        this.clock = clock;
    }

    /** An Approval of this namespace was made. Returns at once; one too many is found by the next sweep. */
    public void made(String name) {
        made.offer(name);
    }

    /** Works until the thread is interrupted. */
    public void work() throws InterruptedException {
        Instant sweep = clock.instant();
        while (true) {
            List<String> names = new ArrayList<>();
            long wait = Math.max(0, Duration.between(clock.instant(), sweep).toMillis());
            String first = made.poll(Math.min(wait, SWEEP.toMillis()), TimeUnit.MILLISECONDS);
            if (first != null) {
                names.add(first);
                made.drainTo(names);
            }
            boolean all = !clock.instant().isBefore(sweep);
            if (all) {
                sweep = clock.instant().plus(SWEEP);
            }
            try {
                round(names, all);
            } catch (KubernetesClientException e) {
                LOG.debugf("notifications: %s", Failures.reason(e));
            } catch (RuntimeException e) {
                LOG.errorf(e, "notifications");
            }
        }
    }

    /** Tells of these, and of all that nobody told of if asked to. */
    void round(List<String> names, boolean all) {
        Notify to = receiver();
        if (to == null) {
            return;
        }
        for (String name : names) {
            tell(to, get(name));
        }
        if (all) {
            List<Approval> pending = permits.call(() -> client.resources(Approval.class)
                    .inNamespace(namespace)
                    .withField(Api.FIELD_PHASE, "Pending")
                    .list()
                    .getItems());
            pending.forEach(approval -> tell(to, approval));
            failed.keySet()
                    .retainAll(pending.stream()
                            .map(approval -> approval.getMetadata().getUid())
                            .toList());
        }
    }

    private Notify receiver() {
        Tenant tenant = permits.call(() -> client.resources(Tenant.class)
                .inNamespace(namespace)
                .withName(Tenant.NAME)
                .get());
        return tenant == null || tenant.getSpec().approvals() == null
                ? null
                : tenant.getSpec().approvals().notification();
    }

    private Approval get(String name) {
        return permits.call(() -> client.resources(Approval.class)
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    private void tell(Notify to, Approval approval) {
        if (approval == null
                || !ApprovalStatuses.pending(approval.getStatus())
                || ApprovalStatuses.told(approval.getStatus())) {
            return;
        }
        String uid = approval.getMetadata().getUid();
        Failed before = failed.get(uid);
        Instant now = clock.instant();
        if (before != null && now.isBefore(before.next())) {
            return;
        }
        String wrong = webhook.post(to, approval, now);
        if (wrong == null) {
            failed.remove(uid);
            write(
                    approval.getMetadata().getName(),
                    condition("True", "Delivered", "the Tenant's webhook took it", now));
            return;
        }
        int times = before == null ? 1 : before.times() + 1;
        Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(times - 1, 20));
        failed.put(uid, new Failed(times, now.plus(delay.compareTo(LAST_RETRY) < 0 ? delay : LAST_RETRY)));
        LOG.warnf("%s: webhook: %s", approval.getMetadata().getName(), wrong);
        if (times == 1) {
            String message = wrong.length() <= MAX_MESSAGE ? wrong : wrong.substring(0, MAX_MESSAGE);
            write(approval.getMetadata().getName(), condition("False", "NotDelivered", message, now));
        }
    }

    /** The operator writes the same status: a conflict is looked at once more, and left to the next sweep after that. */
    private void write(String name, Condition told) {
        for (int attempt = 0; attempt < 2; attempt++) {
            Approval found = get(name);
            if (found == null
                    || !ApprovalStatuses.pending(found.getStatus())
                    || writer.write(found, f -> ApprovalStatuses.notified(f.getStatus(), told))) {
                return;
            }
        }
    }

    private static Condition condition(String status, String reason, String message, Instant now) {
        return new ConditionBuilder()
                .withType(ConditionType.NOTIFIED)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }
}
