package dev.wheelhouse.operator.reconcile;

import dev.wheelhouse.api.v1alpha1.Schedule;
import dev.wheelhouse.operator.kube.ScheduleApi;
import dev.wheelhouse.operator.kube.StatusWriter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the caches know every run of a Schedule that was started before: by a leader before this one, or by a round of
 * this one that did not come to its end. One look at all Schedules and their runs, taken once this operator leads, spares
 * each Schedule a look of its own when its time comes, when there may be a thousand whose time it is.
 */
public final class ScheduleTrust {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduleTrust.class);

    private static final long POLL_MILLIS = 100;

    private final ScheduleApi api;
    private final ScheduleChildren children;
    private final BooleanSupplier loaded;
    /** Schedules of which the survey saw a run that the cache did not know. */
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    /** Schedules in a round, or whose last round broke off. */
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    /** By UID: version that the leader before may have written last. */
    private final Map<String, Long> versions = new ConcurrentHashMap<>();

    private volatile boolean surveyed;

    /** {@code loaded}: whether the caches are filled. */
    public ScheduleTrust(ScheduleApi api, ScheduleChildren children, BooleanSupplier loaded) {
        this.api = api;
        this.children = children;
        this.loaded = loaded;
    }

    /** Looks at everything; this operator leads by now, so that nobody else starts runs any more. */
    public void survey() {
        try {
            versions.putAll(api.versions());
            Map<String, Set<String>> stored = api.runsBySchedule();
            awaitCaches();
            stored.forEach((uid, runs) -> {
                if (!children.uids(uid).containsAll(runs)) {
                    unknown.add(uid);
                }
            });
            surveyed = true;
        } catch (RuntimeException e) {
            LOG.warn("Schedules could not be surveyed; each is looked at when its time comes", e);
        }
    }

    /** An operator that has just started leads before its caches are filled. */
    private void awaitCaches() {
        try {
            while (!loaded.getAsBoolean()) {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this copy is older than what the survey saw. */
    boolean behind(Schedule schedule) {
        String uid = schedule.getMetadata().getUid();
        Long last = versions.get(uid);
        if (last != null && StatusWriter.version(schedule) < last) {
            return true;
        }
        versions.remove(uid);
        return false;
    }

    boolean sure(String uid) {
        return surveyed && !unknown.contains(uid) && !open.contains(uid);
    }

    /** A round begins. Answers whether none broke off before. */
    boolean begin(String uid) {
        return open.add(uid);
    }

    /** The round came to its end. {@code known}: whether everything was known in it; {@code first}: what begin said. */
    void end(String uid, boolean known, boolean first) {
        if (known) {
            unknown.remove(uid);
        }
        if (known || first) {
            open.remove(uid);
        }
    }

    void forget(String uid) {
        unknown.remove(uid);
        open.remove(uid);
        versions.remove(uid);
    }
}
