package dev.wheelhouse.runtime.store;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/**
 * Keeps journals in ConfigMaps that their Run owns: {@code <run>-j0}, {@code <run>-j1}, ... Only the last one takes
 * lines, by a locked PUT, so of two writers one loses; the write that fills it also seals it ({@code immutable}). The
 * first one is full with the first append.
 *
 * <p>Costs: an append is one write; opening reads each segment once, and asks once for one that is not there.
 */
public final class ConfigMapJournalStore implements JournalStore {
    private final JournalMaps maps;

    public ConfigMapJournalStore(KubernetesClient client, ApiPermits permits) {
        this.maps = new JournalMaps(client, permits);
    }

    @Override
    public Session open(RunId run, long epoch) throws StoreException {
        List<Segment> segments = maps.segments(run);
        List<String> lines = lines(segments);
        long last = Epochs.last(lines);
        if (last > epoch) {
            throw new StoreException.Fenced(run + ": epoch " + epoch + " is over, the journal is at " + last);
        }
        return new ConfigMapSession(maps, run, epoch, lines, segments.isEmpty() ? null : segments.getLast());
    }

    @Override
    public List<String> read(RunId run) throws StoreException {
        return lines(maps.segments(run));
    }

    @Override
    public Optional<String> blob(RunId run, String digest) throws StoreException {
        return maps.blob(run, digest);
    }

    static List<String> lines(List<Segment> segments) {
        return segments.stream().flatMap(s -> s.lines().stream()).toList();
    }
}
