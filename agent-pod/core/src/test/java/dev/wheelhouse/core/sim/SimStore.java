package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One run's store as a network sees it: every call may be lost on the way there or back. */
final class SimStore implements JournalStore {
    /** How the store itself may be broken on purpose. */
    enum Defect {
        NONE,
        /** Says that lines are durable before they are. */
        ACKNOWLEDGES_EARLY,
        /** Takes lines from anybody. */
        DOES_NOT_FENCE
    }

    private final Simulation sim;
    private final Defect defect;
    private final List<String> lines = new ArrayList<>();
    private final List<String> unwritten = new ArrayList<>();
    private final Map<String, String> blobs = new HashMap<>();
    private final Consumer<List<String>> durable;
    private Runnable late;
    private long version;
    private long highest;
    private int calls;
    private int appends;

    SimStore(Simulation sim, Defect defect, Consumer<List<String>> durable) {
        this.sim = sim;
        this.defect = defect;
        this.durable = durable;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    Map<String, String> blobs() {
        return blobs;
    }

    int appends() {
        return appends;
    }

    int calls() {
        return calls;
    }

    private interface Change<T> {
        T make() throws StoreException;
    }

    private <T> T call(String what, Change<T> change) throws StoreException {
        sim.point("before " + what);
        Faults.InStore fault = sim.faults().inStore(++calls);
        arriveLate();
        T result = null;
        switch (fault) {
            case REFUSED -> throw unavailable(what);
            case LATE -> {
                late = () -> quietly(change);
                throw unavailable(what);
            }
            case SENT_TWICE -> {
                change.make();
                result = change.make();
            }
            case NOTHING, REPLY_LOST -> result = change.make();
        }
        sim.point("after " + what);
        if (fault == Faults.InStore.REPLY_LOST) {
            throw unavailable(what);
        }
        return result;
    }

    private void arriveLate() {
        if (late != null) {
            Runnable change = late;
            late = null;
            change.run();
        }
    }

    private static void quietly(Change<?> change) {
        try {
            change.make();
        } catch (StoreException e) {
            // Nobody waits for the answer any more.
        }
    }

    private static StoreException unavailable(String what) {
        return new StoreException.Unavailable("simulated: no answer to " + what, null);
    }

    @Override
    public Session open(RunId run, long epoch) throws StoreException {
        return call("open", () -> {
            if (highest > epoch && defect != Defect.DOES_NOT_FENCE) {
                throw new StoreException.Fenced("epoch " + highest);
            }
            return new SimSession(epoch, version, new ArrayList<>(lines));
        });
    }

    @Override
    public List<String> read(RunId run) {
        return lines();
    }

    @Override
    public Optional<String> blob(RunId run, String digest) {
        return Optional.ofNullable(blobs.get(digest));
    }

    private final class SimSession implements Session {
        private final long epoch;
        private final List<String> seen;
        private long version;

        SimSession(long epoch, long version, List<String> seen) {
            this.epoch = epoch;
            this.version = version;
            this.seen = seen;
        }

        @Override
        public List<String> lines() {
            return List.copyOf(seen);
        }

        @Override
        public void append(List<String> more) throws StoreException {
            // What is on the way carries the version that the sender knew when it was sent.
            long expected = version;
            version = call("append", () -> write(more, expected));
            seen.addAll(more);
        }

        private long write(List<String> more, long expected) throws StoreException {
            if (SimStore.this.version != expected && defect != Defect.DOES_NOT_FENCE) {
                throw new StoreException.Fenced("somebody else wrote");
            }
            appends++;
            highest = Math.max(highest, epoch);
            unwritten.addAll(more);
            boolean announces =
                    more.stream().anyMatch(line -> line.contains("ToolIntent") || line.contains("EgressRequested"));
            if (defect != Defect.ACKNOWLEDGES_EARLY || !announces) {
                lines.addAll(unwritten);
                durable.accept(List.copyOf(unwritten));
                unwritten.clear();
            }
            return ++SimStore.this.version;
        }

        @Override
        public void putBlob(String digest, String content) throws StoreException {
            call("putBlob", () -> blobs.put(digest, content));
        }

        @Override
        public Optional<String> getBlob(String digest) throws StoreException {
            return call("getBlob", () -> Optional.ofNullable(blobs.get(digest)));
        }
    }
}
