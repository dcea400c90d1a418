package dev.wheelhouse.runtime.approval;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalSpec;
import dev.wheelhouse.core.approval.ApprovalPort;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Standing;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Failures;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Approvals as objects of the run's namespace. Reads are live, never from a cache. */
public final class Approvals implements ApprovalPort {
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final ApprovalStatusWriter writer;
    private final BiConsumer<String, String> created;

    /** @param created told namespace and name of each Approval that was made; must be quick */
    public Approvals(KubernetesClient client, ApiPermits permits, BiConsumer<String, String> created) {
        this.client = client;
        this.permits = permits;
        this.writer = new ApprovalStatusWriter(client, permits);
        this.created = created;
    }

    @Override
    public Optional<String> create(RunId run, String name, Request request) throws Unavailable {
        try {
            Approval made = permits.call(() -> client.resource(approval(run, name, request))
                    .inNamespace(run.namespace())
                    .create());
            created.accept(run.namespace(), name);
            return Optional.of(made.getMetadata().getUid());
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case CONFLICT -> existing(run, name, request);
                case 400, 413, 422 ->
                    throw new IllegalStateException("Approval " + name + " was refused: " + Failures.reason(e));
                default -> throw new Unavailable(Failures.reason(e));
            };
        }
    }

    private Optional<String> existing(RunId run, String name, Request request) throws Unavailable {
        Approval found = get(run, name);
        if (found == null) {
            throw new Unavailable("Approval " + name + " was there a moment ago");
        }
        return hash(found).equals(request.payloadHash())
                ? Optional.of(found.getMetadata().getUid())
                : Optional.empty();
    }

    private static Approval approval(RunId run, String name, Request request) {
        Approval approval = new Approval();
        approval.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(run.namespace())
                .withLabels(Map.of(Api.LABEL_RUN_UID, run.uid()))
                .addNewOwnerReference()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind("Run")
                .withName(run.name())
                .withUid(run.uid())
                .withController(true)
                .withBlockOwnerDeletion(false)
                .endOwnerReference()
                .build());
        approval.setSpec(new ApprovalSpec(JSON.convertValue(Json.tree(request), ApprovalRequest.class), null));
        return approval;
    }

    @Override
    public Optional<Standing> look(RunId run, String name) throws Unavailable {
        return Optional.ofNullable(get(run, name)).map(Standings::of);
    }

    private Approval get(RunId run, String name) throws Unavailable {
        try {
            return permits.call(() -> client.resources(Approval.class)
                    .inNamespace(run.namespace())
                    .withName(name)
                    .get());
        } catch (KubernetesClientException e) {
            if (e.getCode() == NOT_FOUND) {
                return null;
            }
            throw new Unavailable(Failures.reason(e));
        }
    }

    @Override
    public boolean consume(RunId run, Standing seen, long epoch) throws Unavailable {
        return changed(run, seen, approval -> ApprovalStatuses.consumed(approval.getStatus(), epoch, Instant.now()));
    }

    @Override
    public boolean withdraw(RunId run, Standing seen, String why) throws Unavailable {
        return changed(run, seen, approval -> ApprovalStatuses.withdrawn(approval.getStatus()));
    }

    private boolean changed(RunId run, Standing seen, ApprovalStatusWriter.Change change) throws Unavailable {
        Approval found = get(run, seen.name());
        if (found == null
                || !found.getMetadata().getUid().equals(seen.uid())
                || !found.getMetadata().getResourceVersion().equals(seen.version())) {
            return false;
        }
        try {
            return writer.write(found, change);
        } catch (KubernetesClientException e) {
            throw new Unavailable(Failures.reason(e));
        }
    }

    /**
     * Takes back what a run that ended still asks. Doing it twice is harmless.
     *
     * @throws KubernetesClientException if it is not certain that all were taken back
     */
    public void withdrawAll(RunId run) {
        List<Approval> all = permits.call(() -> client.resources(Approval.class)
                .inNamespace(run.namespace())
                .withLabel(Api.LABEL_RUN_UID, run.uid())
                .list()
                .getItems());
        for (Approval approval : all) {
            if (ApprovalStatuses.open(approval.getStatus())
                    && !writer.write(approval, found -> ApprovalStatuses.withdrawn(found.getStatus()))) {
                throw new KubernetesClientException(
                        "Approval " + approval.getMetadata().getName() + " changed meanwhile");
            }
        }
    }

    static String hash(Approval approval) {
        return Request.hash(Json.tree(approval.getSpec().request()));
    }
}
