package dev.wheelhouse.runtime.pin;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.core.harness.History;
import dev.wheelhouse.core.harness.PastTurn;
import dev.wheelhouse.core.harness.PinnedRun;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Chain;
import dev.wheelhouse.core.journal.DamagedJournalException;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalStore;
import dev.wheelhouse.core.journal.RecordCodec;
import dev.wheelhouse.core.journal.StoreException;
import dev.wheelhouse.runtime.store.ApiPermits;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the conversation of a thread was before a run of it. Only runs of the same agent and requester count: a thread's
 * name is no secret, and nobody gets to read what somebody else asked by naming his thread.
 */
final class ThreadPins {
    /** Runs of one page: each may have an input of 64 KiB. */
    private static final long PAGE = 100;

    private static final Comparator<Run> LATEST = Comparator.comparing(
                    (Run run) -> run.getStatus().completionTime())
            .thenComparing(run -> run.getMetadata().getName());

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final JournalStore journals;

    ThreadPins(KubernetesClient client, ApiPermits permits, JournalStore journals) {
        this.client = client;
        this.permits = permits;
        this.journals = journals;
    }

    /** The turns before this run; none if it has no thread, or is the first of it. */
    List<PastTurn> before(Run run, Missing missing) {
        if (run.getSpec().thread() == null) {
            return List.of();
        }
        Optional<Run> last = last(run);
        return last.isEmpty() ? List.of() : through(last.get(), missing);
    }

    private Optional<Run> last(Run run) {
        Optional<Run> last = Optional.empty();
        String more = null;
        do {
            String from = more;
            KubernetesResourceList<Run> page = permits.call(() -> client.resources(Run.class)
                    .inNamespace(run.getMetadata().getNamespace())
                    .withField(Api.FIELD_THREAD, run.getSpec().thread())
                    .withoutField(Api.FIELD_COMPLETION_TIME, "")
                    .list(new ListOptionsBuilder()
                            .withLimit(PAGE)
                            .withContinue(from)
                            .build()));
            last = Stream.concat(last.stream(), page.getItems().stream().filter(other -> carriesOn(run, other)))
                    .max(LATEST);
            more = page.getMetadata() == null ? null : page.getMetadata().getContinue();
        } while (more != null && !more.isEmpty());
        return last;
    }

    private static boolean carriesOn(Run run, Run other) {
        RunSpec spec = run.getSpec();
        return !other.getMetadata().getUid().equals(run.getMetadata().getUid())
                && other.getMetadata().getDeletionTimestamp() == null
                && other.getStatus() != null
                && other.getStatus().completionTime() != null
                && other.getStatus().phase() == RunPhase.Succeeded
                && spec.thread().equals(other.getSpec().thread())
                && spec.agent().equals(other.getSpec().agent())
                && Objects.equals(spec.requester(), other.getSpec().requester());
    }

    /** Its own history and its turn; both from its journal, as the status cuts long answers. */
    private List<PastTurn> through(Run last, Missing missing) {
        String name = last.getMetadata().getName();
        try {
            Optional<List<PastTurn>> turns = read(last);
            if (turns.isPresent()) {
                return turns.get();
            }
            unreadable(name, "it lacks records that the status names", missing);
        } catch (StoreException | DamagedJournalException e) {
            unreadable(name, e.getMessage(), missing);
        }
        return List.of();
    }

    private static void unreadable(String name, String why, Missing missing) {
        missing.add(
                "Run/" + name,
                "Run '" + name + "', which comes before in this thread, has a journal that cannot be read; it is tried"
                        + " again; delete that Run to go on without it: " + why);
    }

    private Optional<List<PastTurn>> read(Run last) throws StoreException, DamagedJournalException {
        var status = last.getStatus();
        if (status.journal() == null || status.journal().head() == null || status.pinnedDigest() == null) {
            return Optional.empty();
        }
        RunId id = new RunId(
                last.getMetadata().getNamespace(),
                last.getMetadata().getName(),
                last.getMetadata().getUid());
        List<String> lines = journals.read(id);
        RecordCodec.BlobSource blobs = digest -> journals.blob(id, digest);
        Optional<PinnedRun> pinned = Chain.find(lines, status.pinnedDigest(), blobs)
                .map(record -> record.entry() instanceof Entry.RunStarted started ? started.run() : null)
                .filter(run -> run.id().uid().equals(id.uid()));
        Optional<String> answer = Chain.answer(lines, status.journal().head(), blobs);
        return pinned.flatMap(run ->
                answer.map(text -> History.after(run.history(), new PastTurn(id.name(), run.input(), text))));
    }
}
