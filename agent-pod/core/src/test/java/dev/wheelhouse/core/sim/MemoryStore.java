package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The store's contract in memory, without faults. */
public final class MemoryStore implements JournalStore {
    private final Map<String, Log> logs = new HashMap<>();
    private int appends;
    private int largestAppend;

    private static final class Log {
        final List<String> lines = new ArrayList<>();
        final Map<String, String> blobs = new HashMap<>();
        long version;
        long highest;
    }

    /** Number of writes so far. */
    public synchronized int appends() {
        return appends;
    }

    /** Bytes of the largest write so far. */
    public synchronized int largestAppend() {
        return largestAppend;
    }

    /** Replaces a line, as somebody with access to the storage could. */
    public synchronized void tamper(RunId run, int index, String line) {
        log(run).lines.set(index, line);
    }

    @Override
    public synchronized Session open(RunId run, long epoch) throws StoreException {
        Log log = log(run);
        if (log.highest > epoch) {
            throw new StoreException.Fenced("epoch " + log.highest + " wrote");
        }
        log.version++;
        return new MemorySession(log, epoch, log.version);
    }

    @Override
    public synchronized List<String> read(RunId run) {
        return List.copyOf(log(run).lines);
    }

    @Override
    public synchronized Optional<String> blob(RunId run, String digest) {
        return Optional.ofNullable(log(run).blobs.get(digest));
    }

    private Log log(RunId run) {
        return logs.computeIfAbsent(run.uid(), uid -> new Log());
    }

    private final class MemorySession implements Session {
        private final Log log;
        private final long epoch;
        private final List<String> seen;
        private long version;

        MemorySession(Log log, long epoch, long version) {
            this.log = log;
            this.epoch = epoch;
            this.version = version;
            this.seen = new ArrayList<>(log.lines);
        }

        @Override
        public List<String> lines() {
            return List.copyOf(seen);
        }

        @Override
        public void append(List<String> lines) throws StoreException {
            synchronized (MemoryStore.this) {
                if (log.version != version) {
                    throw new StoreException.Fenced("another session wrote");
                }
                appends++;
                int bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8).length;
                largestAppend = Math.max(largestAppend, bytes);
                version = ++log.version;
                log.highest = epoch;
                log.lines.addAll(lines);
                seen.addAll(lines);
            }
        }

        @Override
        public void putBlob(String digest, String content) {
            synchronized (MemoryStore.this) {
                log.blobs.put(digest, content);
            }
        }

        @Override
        public Optional<String> getBlob(String digest) {
            synchronized (MemoryStore.this) {
                return Optional.ofNullable(log.blobs.get(digest));
            }
        }
    }
}
