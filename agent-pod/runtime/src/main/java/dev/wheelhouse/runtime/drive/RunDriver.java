package dev.wheelhouse.runtime.drive;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.core.drive.RunEnd;
import dev.wheelhouse.core.drive.RunLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/** Drives all runs that this process holds, each on a virtual thread of its own. */
final class RunDriver {
    private static final Logger LOG = Logger.getLogger(RunDriver.class);
    private static final long POLL_MILLIS = 50;

    private final Conclusion conclusion;
    private final RunMeters meters;
    private final ThreadFactory threads = Thread.ofVirtual().name("run-", 0).factory();
    private final Map<String, HeldRun> held = new ConcurrentHashMap<>();
    /** Epochs of runs that ended here and whose release the watch has not shown yet: late events of them are old. */
    private final Map<String, Long> ended = new ConcurrentHashMap<>();

    private volatile boolean draining;
    private volatile RunLoop loop;

    RunDriver(Conclusion conclusion, RunMeters meters) {
        this.conclusion = conclusion;
        this.meters = meters;
    }

    /** The loop, whose observer needs this driver. Set once, before the first run. */
    void loop(RunLoop loop) {
        this.loop = loop;
    }

    Collection<HeldRun> held() {
        return held.values();
    }

    Number count() {
        return held.size();
    }

    /** Null if this process does not hold it. */
    HeldRun held(String uid) {
        return held.get(uid);
    }

    /** The receiver of one holder's runs. */
    Assignments.Receiver receiver(Holder holder) {
        return new Assignments.Receiver() {
            @Override
            public void assigned(Run run) {
                RunDriver.this.assigned(run, holder);
            }

            @Override
            public void unassigned(Run run) {
                RunDriver.this.unassigned(run);
            }
        };
    }

    private void assigned(Run run, Holder holder) {
        String uid = run.getMetadata().getUid();
        long epoch = run.getStatus().execution().epoch();
        if (ended.getOrDefault(uid, 0L) >= epoch) {
            return;
        }
        HeldRun present = held.get(uid);
        if (present != null && present.baton().epoch() >= epoch) {
            present.see(run);
            return;
        }
        if (present != null) {
            present.take();
        }
        HeldRun fresh = new HeldRun(run, holder, System.nanoTime());
        held.put(uid, fresh);
        if (draining) {
            fresh.signals().drain();
        }
        threads.newThread(() -> drive(fresh)).start();
    }

    private void unassigned(Run run) {
        String uid = run.getMetadata().getUid();
        HeldRun present = held.get(uid);
        if (present != null) {
            present.take();
        }
        ended.remove(uid);
    }

    private void drive(HeldRun run) {
        MDC.put("run", run.id().toString());
        try {
            boolean again = true;
            while (again) {
                RunEnd end = loop.run(run.id(), run.baton().epoch(), conclusion.pinning(run), run.signals());
                meters.ended(end);
                again = conclusion.conclude(run, end);
            }
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s: internal error", run.id());
            conclusion.broken(run, e);
        } finally {
            forget(run);
        }
    }

    private void forget(HeldRun run) {
        if (!run.taken()) {
            ended.put(run.id().uid(), run.baton().epoch());
        }
        if (run.taken()) {
            // The watch may have shown the release just now, before the line above.
            ended.remove(run.id().uid());
        }
        held.remove(run.id().uid(), run);
    }

    /** All runs of a lost holder are somebody else's. */
    void lost(Holder holder) {
        held.values().stream().filter(r -> r.baton().holder() == holder).forEach(HeldRun::take);
        ended.clear();
    }

    /**
     * Hands every run over: calls under way end or are interrupted as core decides, then each status is released.
     *
     * @return whether all were handed over in time
     */
    boolean drain(Duration atMost) throws InterruptedException {
        draining = true;
        held.values().forEach(r -> r.signals().drain());
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!held.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(POLL_MILLIS);
        }
        return held.isEmpty();
    }
}
