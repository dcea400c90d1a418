package dev.wheelhouse.operator.kube;

import dev.wheelhouse.api.v1alpha1.Api;
import io.fabric8.kubernetes.api.model.authorization.v1.LocalSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.LocalSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Asks the API server whether somebody may do something, and remembers the answer for a few seconds. */
public final class Permissions {
    private static final long REMEMBERED_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int MANY = 10_000;
    private static final String SERVICE_ACCOUNT = "system:serviceaccount:";

    private record Question(String namespace, String user, List<String> groups) {}

    private record Answer(boolean allowed, long at) {}

    /** The answer to one question; whoever asks while it is being asked waits for that answer. */
    private static final class Memory {
        private final ReentrantLock asking = new ReentrantLock();
        private Answer answer;
    }

    private final KubernetesClient client;
    private final LongSupplier nanoTime;
    private final Map<Question, Memory> answers = new ConcurrentHashMap<>();

    /** {@code nanoTime}: monotonic clock. */
    public Permissions(KubernetesClient client, LongSupplier nanoTime) {
        this.client = client;
        this.nanoTime = nanoTime;
    }

    /** Whether {@code user} may create Runs in {@code namespace}, as a member of {@code groups}. */
    public boolean mayCreateRuns(String namespace, String user, List<String> groups) {
        var question = new Question(namespace, user, withImplied(user, groups));
        if (answers.size() > MANY) {
            answers.clear();
        }
        Memory memory = answers.computeIfAbsent(question, q -> new Memory());
        memory.asking.lock();
        try {
            Answer known = memory.answer;
            if (known == null || nanoTime.getAsLong() - known.at() >= REMEMBERED_NANOS) {
                long now = nanoTime.getAsLong();
                known = new Answer(ask(question), now);
                memory.answer = known;
            }
            return known.allowed();
        } finally {
            memory.asking.unlock();
        }
    }

    private boolean ask(Question question) {
        LocalSubjectAccessReview review = new LocalSubjectAccessReviewBuilder()
                .withNewMetadata()
                .withNamespace(question.namespace())
                .endMetadata()
                .withNewSpec()
                .withUser(question.user())
                .withGroups(question.groups())
                .withNewResourceAttributes()
                .withNamespace(question.namespace())
                .withVerb("create")
                .withGroup(Api.GROUP)
                .withResource("runs")
                .endResourceAttributes()
                .endSpec()
                .build();
        var status = client.resource(review).create().getStatus();
        return status != null && Boolean.TRUE.equals(status.getAllowed());
    }

    /** Groups that every authenticated user has, and every service account. */
    private static List<String> withImplied(String user, List<String> groups) {
        List<String> all = new ArrayList<>(groups == null ? List.of() : groups);
        all.add("system:authenticated");
        if (user.startsWith(SERVICE_ACCOUNT)) {
            all.add("system:serviceaccounts");
            all.add("system:serviceaccounts:"
                    + user.substring(SERVICE_ACCOUNT.length()).split(":")[0]);
        }
        return all.stream().distinct().toList();
    }
}
