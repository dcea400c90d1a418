package dev.wheelhouse.runtime.store;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Keeps journals on a file system that all runtimes of a namespace mount: a directory per run UID with one
 * write-ahead file per epoch.
 *
 * <p>Only the holder of an epoch writes its file. The opener of the next epoch first creates its own file, which
 * tells the older holder, and only then notes how much of the older files counts. An appender looks for such a file
 * after its bytes are on disk: seeing none means that the next opener will count them. No clock and no file lock is
 * needed, but {@code O_EXCL} and {@code fsync} must hold on the file system.
 */
public final class FileJournalStore implements JournalStore {
    private final Path root;

    /** @param root mount of the claim; each run gets a directory below it */
    public FileJournalStore(Path root) {
        this.root = root;
    }

    @Override
    public Session open(RunId run, long epoch) throws StoreException {
        WalDirectory directory = new WalDirectory(root.resolve(run.uid()));
        try {
            directory.create();
            long highest = directory.highestEpoch();
            if (highest > epoch) {
                throw fenced(run, epoch, highest);
            }
            List<String> lines = directory.claim(epoch);
            highest = directory.highestEpoch();
            if (highest > epoch) {
                throw fenced(run, epoch, highest);
            }
            return new FileSession(directory, run, epoch, lines);
        } catch (IOException e) {
            throw new StoreException.Unavailable("open journal files of " + run + ": " + e, e);
        }
    }

    @Override
    public List<String> read(RunId run) throws StoreException {
        try {
            return new WalDirectory(root.resolve(run.uid())).read();
        } catch (IOException e) {
            throw new StoreException.Unavailable("read journal files of " + run + ": " + e, e);
        }
    }

    @Override
    public Optional<String> blob(RunId run, String digest) throws StoreException {
        try {
            return new WalDirectory(root.resolve(run.uid())).blob(digest);
        } catch (IOException e) {
            throw new StoreException.Unavailable("read blob of " + run + ": " + e, e);
        }
    }

    static StoreException.Fenced fenced(RunId run, long epoch, long highest) {
        return new StoreException.Fenced(run + ": epoch " + epoch + " is over, the journal is at " + highest);
    }
}
