package dev.wheelhouse.runtime.store;

import dev.wheelhouse.api.v1alpha1.Run;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Deletes journal files of runs that no longer exist: files, unlike ConfigMaps, have no owner whose garbage collection
 * takes them along. Every runtime of the namespace may sweep, at any time.
 */
public final class JournalSweep {
    /** A directory this young may belong to a run that was created after the runs were listed. */
    private static final Duration MIN_AGE = Duration.ofHours(1);

    private static final long PAGE = 500;
    private static final Logger LOG = Logger.getLogger(JournalSweep.class);

    private final KubernetesClient client;
    private final String namespace;
    private final Path root;
    private final InstantSource clock;

    /** @param root of the {@link FileJournalStore} */
    public JournalSweep(KubernetesClient client, String namespace, Path root, InstantSource clock) {
        this.client = client;
        this.namespace = namespace;
        this.root = root;
        this.clock = clock;
    }

    /** Sweeps once. What fails is left for the next time. */
    public void sweep() {
        try {
            Instant before = clock.instant().minus(MIN_AGE);
            List<Path> old = oldDirectories(before);
            if (old.isEmpty()) {
                return;
            }
            Set<String> runs = runs();
            for (Path directory : old) {
                if (!runs.contains(directory.getFileName().toString())) {
                    delete(directory);
                    LOG.infof("deleted the journal files of run UID %s, which is gone", directory.getFileName());
                }
            }
        } catch (IOException e) {
            LOG.warnf("journal files not swept: %s", e);
        } catch (KubernetesClientException e) {
            LOG.warnf("journal files not swept: %s", Failures.reason(e));
        }
    }

    private List<Path> oldDirectories(Instant before) throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.filter(Files::isDirectory)
                    .filter(path -> path.toFile().lastModified() < before.toEpochMilli())
                    // What else lies on the claim is none of our business.
                    .filter(path -> new WalDirectory(path).claimed())
                    .toList();
        }
    }

    private Set<String> runs() {
        Set<String> uids = new HashSet<>();
        String next = null;
        do {
            ListOptions page =
                    new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build();
            var list = client.resources(Run.class).inNamespace(namespace).list(page);
            list.getItems().forEach(run -> uids.add(run.getMetadata().getUid()));
            next = list.getMetadata().getContinue();
        } while (next != null && !next.isEmpty());
        return uids;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
