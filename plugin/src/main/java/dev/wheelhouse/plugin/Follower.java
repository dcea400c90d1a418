package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Watches a run and its journal and prints what is new, until the run has ended and all of it is printed. */
final class Follower {
    /** A deleted journal is noticed at the latest after this, even if the Run's deletion was missed. */
    private static final long LOOK_SECONDS = 10;

    private final RunReader reader;
    private final LogPrinter printer;
    private final Semaphore news = new Semaphore(0);

    Follower(RunReader reader, LogPrinter printer) {
        this.reader = reader;
        this.printer = printer;
    }

    /** Blocks until the end; the exit code. */
    int follow(Run begun) throws InterruptedException {
        String name = begun.getMetadata().getName();
        String uid = begun.getMetadata().getUid();
        try (var maps = reader.client()
                        .configMaps()
                        .inNamespace(reader.namespace())
                        .withLabel(Api.LABEL_JOURNAL, uid)
                        .inform(this.<ConfigMap>onChange());
                var runs = reader.client()
                        .resources(Run.class)
                        .inNamespace(reader.namespace())
                        .withName(name)
                        .inform(this.<Run>onChange())) {
            while (true) {
                Run run = runs.getStore().list().stream()
                        .filter(r -> uid.equals(r.getMetadata().getUid()))
                        .findFirst()
                        .orElse(null);
                if (run == null) {
                    throw new CommandException("Run '" + name + "' was deleted, and its journal with it");
                }
                printer.show(run, StoredJournal.of(maps.getStore().list()));
                if (printer.damaged()) {
                    return KubectlWheelhouse.DAMAGED;
                }
                if (RunLine.complete(run) && printer.told() >= recorded(run)) {
                    return 0;
                }
                news.tryAcquire(LOOK_SECONDS, TimeUnit.SECONDS);
                news.drainPermits();
            }
        }
    }

    private static long recorded(Run run) {
        var journal = run.getStatus().journal();
        return journal == null || journal.records() == null ? 0 : journal.records();
    }

    private <T> ResourceEventHandler<T> onChange() {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(T added) {
                news.release();
            }

            @Override
            public void onUpdate(T before, T after) {
                news.release();
            }

            @Override
            public void onDelete(T deleted, boolean unknown) {
                news.release();
            }
        };
    }
}
