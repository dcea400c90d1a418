package dev.wheelhouse.runtime.store;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.StoreException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** One writer's view of a journal in files. */
final class FileSession implements JournalStore.Session {
    private final WalDirectory directory;
    private final RunId run;
    private final long epoch;
    private final List<String> lines;
    private long length;
    private boolean unsure;

    FileSession(WalDirectory directory, RunId run, long epoch, List<String> lines) throws IOException {
        this.directory = directory;
        this.run = run;
        this.epoch = epoch;
        this.lines = new ArrayList<>(lines);
        this.length = directory.length(epoch);
    }

    @Override
    public List<String> lines() {
        return Collections.unmodifiableList(lines);
    }

    @Override
    public void append(List<String> batch) throws StoreException {
        if (unsure) {
            throw new StoreException.Unavailable(run + ": an earlier append has no known outcome; open again", null);
        }
        try {
            if (directory.length(epoch) != length) {
                throw new StoreException.Fenced(run + ": another session of epoch " + epoch + " wrote");
            }
            // A zombie that wakes here must not grow its file for nothing.
            refuseIfOver();
            unsure = true;
            length = directory.append(epoch, length, batch);
            refuseIfOver();
        } catch (NoSuchFileException e) {
            throw new StoreException.Gone(run + ": journal files were deleted");
        } catch (IOException e) {
            throw new StoreException.Unavailable("append to journal file of " + run + ": " + e, e);
        }
        lines.addAll(batch);
        unsure = false;
    }

    private void refuseIfOver() throws IOException, StoreException {
        long highest = directory.highestEpoch();
        if (highest > epoch) {
            throw FileJournalStore.fenced(run, epoch, highest);
        }
    }

    @Override
    public void putBlob(String digest, String content) throws StoreException {
        try {
            directory.putBlob(digest, content);
        } catch (NoSuchFileException e) {
            throw new StoreException.Gone(run + ": journal files were deleted");
        } catch (IOException e) {
            throw new StoreException.Unavailable("store blob of " + run + ": " + e, e);
        }
    }

    @Override
    public Optional<String> getBlob(String digest) throws StoreException {
        try {
            return directory.blob(digest);
        } catch (IOException e) {
            throw new StoreException.Unavailable("read blob of " + run + ": " + e, e);
        }
    }
}
