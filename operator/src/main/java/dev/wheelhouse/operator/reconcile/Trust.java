package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.operator.kube.ForgeryProbe;
import dev.wheelhouse.operator.kube.ForgeryProbe.Outcome;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether decisions can be believed: the admission policies must refuse forgeries. Asked every minute, and again after a
 * decision was seen and before it counts, for policies can be taken away and put back between two looks.
 */
public final class Trust {
    /** Whether decisions can be believed. */
    public enum State {
        VERIFIED,
        UNVERIFIED,
        /** The API server did not say. */
        UNKNOWN
    }

    private static final Logger LOG = LoggerFactory.getLogger(Trust.class);
    private static final long RECENT = Duration.ofSeconds(5).toNanos();
    private static final long REGULAR = Duration.ofMinutes(1).toNanos();

    /** {@code began}: monotonic time at which the test began. */
    private record Known(State state, long began) {}

    private final ForgeryProbe probe;
    private final LongSupplier nanoTime;
    private final Map<String, Known> namespaces = new ConcurrentHashMap<>();
    private final Map<String, Object> locks = new ConcurrentHashMap<>();
    private volatile Known origin = new Known(State.UNKNOWN, 0);

    public Trust(ForgeryProbe probe, LongSupplier nanoTime) {
        this.probe = probe;
        this.nanoTime = nanoTime;
    }

    /** As a test that is not older than a minute or so showed it; asks if there is none. */
    State lately(Approval pending) {
        return since(pending, nanoTime.getAsLong() - REGULAR - RECENT);
    }

    /** As a test showed it that began after {@code moment}, a reading of the monotonic clock; asks if there is none. */
    State since(Approval pending, long moment) {
        String namespace = pending.getMetadata().getNamespace();
        synchronized (locks.computeIfAbsent(namespace, n -> new Object())) {
            Known known = namespaces.get(namespace);
            if (known == null || stale(known, moment)) {
                long began = nanoTime.getAsLong();
                known = learned(namespace, new Known(state(() -> probe.decision(pending)), began), known);
                namespaces.put(namespace, known);
            }
            return worse(known.state(), origin(moment));
        }
    }

    private synchronized State origin(long moment) {
        if (stale(origin, moment)) {
            long began = nanoTime.getAsLong();
            origin = learned("creation", new Known(state(probe::creation), began), origin);
        }
        return origin.state();
    }

    /** What is wrong is looked at more often, to notice when it is right again. */
    private boolean stale(Known known, long moment) {
        return switch (known.state()) {
            case VERIFIED -> known.began() - moment <= 0;
            case UNVERIFIED -> known.began() - moment <= 0 || nanoTime.getAsLong() - known.began() > RECENT;
            case UNKNOWN -> true;
        };
    }

    /** The regular test. {@code somePending}: a pending Approval of each namespace that has one. */
    void test(Iterable<Approval> somePending) {
        long moment = nanoTime.getAsLong();
        origin(moment);
        somePending.forEach(approval -> since(approval, moment));
    }

    /** Forgets namespaces in which nothing is pending any more. */
    void retain(Predicate<String> wanted) {
        namespaces.keySet().removeIf(wanted.negate());
        locks.keySet().removeIf(wanted.negate());
    }

    /** Whether nothing is known to be wrong. */
    public boolean sound() {
        return origin.state() != State.UNVERIFIED
                && namespaces.values().stream().noneMatch(known -> known.state() == State.UNVERIFIED);
    }

    private static Known learned(String where, Known now, Known before) {
        if (before == null || before.state() != now.state()) {
            switch (now.state()) {
                case VERIFIED -> LOG.info("Decisions can be believed: forgeries are refused ({})", where);
                case UNVERIFIED -> LOG.error("Decisions cannot be believed: a forgery was not refused ({})", where);
                case UNKNOWN -> LOG.debug("It could not be tried whether forgeries are refused ({})", where);
            }
        }
        return now;
    }

    private interface Test {
        Outcome run();
    }

    private static State state(Test test) {
        try {
            return switch (test.run()) {
                case REFUSED -> State.VERIFIED;
                case LET_THROUGH -> State.UNVERIFIED;
                case UNKNOWN -> State.UNKNOWN;
            };
        } catch (KubernetesClientException e) {
            return State.UNKNOWN;
        }
    }

    private static State worse(State a, State b) {
        if (a == State.UNVERIFIED || b == State.UNVERIFIED) {
            return State.UNVERIFIED;
        }
        return a == State.UNKNOWN ? a : b;
    }
}
