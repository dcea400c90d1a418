package dev.wheelhouse.runtime.store;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** One writer's view of a journal in ConfigMaps. */
final class ConfigMapSession implements JournalStore.Session {
    /**
     * A segment that reaches this size is sealed by the same write, so that every append is one write; with a batch
     * of at most 48 KiB a segment stays below 96 KiB.
     */
    static final int SEAL_BYTES = 48 * 1024;
    /** Others may touch labels or annotations of the tail, which moves its version without a line. */
    private static final int METADATA_RETRIES = 5;

    private final JournalMaps maps;
    private final RunId run;
    private final long epoch;
    private final List<String> lines;
    private Segment tail;
    private boolean unsure;
    private boolean fenced;

    /** @param tail last segment, or null for an absent journal */
    ConfigMapSession(JournalMaps maps, RunId run, long epoch, List<String> lines, Segment tail) {
        this.maps = maps;
        this.run = run;
        this.epoch = epoch;
        this.lines = new ArrayList<>(lines);
        this.tail = tail;
    }

    @Override
    public List<String> lines() {
        return Collections.unmodifiableList(lines);
    }

    @Override
    public void append(List<String> batch) throws StoreException {
        if (fenced) {
            throw fenced("lost its journal earlier");
        }
        if (unsure) {
            throw new StoreException.Unavailable(run + ": an earlier append has no known outcome; open again", null);
        }
        unsure = true;
        tail = write(Segment.text(batch));
        lines.addAll(batch);
        unsure = false;
    }

    private Segment write(String text) throws StoreException {
        if (tail == null) {
            return create(segment(0, null, text));
        }
        if (tail.sealed()) {
            return create(segment(tail.number() + 1, null, text));
        }
        return update(segment(tail.number(), tail.resourceVersion(), tail.text() + text));
    }

    private static Segment segment(int number, String resourceVersion, String text) {
        // What is pinned at the start is most of a short journal: sealed, it is not sent again with each later line.
        boolean sealed = number == 0 || Segment.bytes(text) >= SEAL_BYTES;
        return new Segment(number, resourceVersion, text, sealed);
    }

    private Segment create(Segment wanted) throws StoreException {
        try {
            return maps.create(run, wanted);
        } catch (KubernetesClientException e) {
            if (!Failures.conflict(e)) {
                throw Failures.of(e, "create journal segment " + wanted.number() + " of " + run);
            }
            Optional<Segment> now = maps.segment(run, wanted.number());
            if (now.isPresent() && now.get().text().equals(wanted.text())) {
                return now.get();
            }
            throw fenced("found the next journal segment taken");
        }
    }

    private Segment update(Segment wanted) throws StoreException {
        Segment attempt = wanted;
        for (int i = 0; i < METADATA_RETRIES; i++) {
            try {
                return maps.update(run, attempt);
            } catch (KubernetesClientException e) {
                if (!Failures.conflict(e)) {
                    throw Failures.of(e, "append to journal segment " + wanted.number() + " of " + run);
                }
                Segment now = maps.segment(run, wanted.number())
                        .orElseThrow(() -> new StoreException.Gone(
                                "journal segment " + wanted.number() + " of " + run + " was deleted"));
                if (now.text().equals(wanted.text()) && now.sealed() == wanted.sealed()) {
                    return now;
                }
                if (now.sealed() || !now.text().equals(tail.text())) {
                    throw fenced("found lines of another session in the journal");
                }
                attempt = new Segment(wanted.number(), now.resourceVersion(), wanted.text(), wanted.sealed());
            }
        }
        throw new StoreException.Unavailable(run + ": somebody keeps changing the journal's metadata", null);
    }

    private StoreException.Fenced fenced(String why) {
        fenced = true;
        return new StoreException.Fenced(run + ": epoch " + epoch + " " + why);
    }

    @Override
    public void putBlob(String digest, String content) throws StoreException {
        try {
            maps.createBlob(run, digest, content);
        } catch (KubernetesClientException e) {
            if (!Failures.conflict(e)) {
                throw Failures.of(e, "store blob " + digest + " of " + run);
            }
            if (!maps.blob(run, digest).equals(Optional.of(content))) {
                throw new StoreException.Unavailable(run + ": blob " + digest + " exists with other content", e);
            }
        }
    }

    @Override
    public Optional<String> getBlob(String digest) throws StoreException {
        return maps.blob(run, digest);
    }
}
