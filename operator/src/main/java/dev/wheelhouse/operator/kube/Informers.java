package dev.wheelhouse.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Informers beside those of the controllers: selected by label or field, pruned, and never giving up. One for the whole
 * cluster, or one for each namespace that is served.
 */
public final class Informers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Informers.class);
    private static final long PAGE = 500;

    private final KubernetesClient client;
    private final List<String> namespaces;
    private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

    /** {@code namespaces}: those that are served; empty means all. */
    public Informers(KubernetesClient client, List<String> namespaces) {
        this.client = client;
        this.namespaces = List.copyOf(namespaces);
    }

    /** Starts watching; the answer gives the informers, one for each namespace that is served. */
    public <T extends HasMetadata> List<SharedIndexInformer<T>> watch(
            Class<T> kind,
            UnaryOperator<FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, Resource<T>>> select,
            UnaryOperator<T> prune,
            Consumer<T> seen,
            Consumer<T> gone) {
        MixedOperation<T, ? extends KubernetesResourceList<T>, Resource<T>> all = client.resources(kind);
        List<FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, Resource<T>>> scopes = new ArrayList<>();
        if (namespaces.isEmpty()) {
            scopes.add(all.inAnyNamespace());
        } else {
            namespaces.forEach(namespace -> scopes.add(all.inNamespace(namespace)));
        }
        return scopes.stream()
                .map(scope -> start(kind, select.apply(scope), prune, seen, gone))
                .toList();
    }

    private <T extends HasMetadata> SharedIndexInformer<T> start(
            Class<T> kind,
            FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, Resource<T>> selected,
            UnaryOperator<T> prune,
            Consumer<T> seen,
            Consumer<T> gone) {
        SharedIndexInformer<T> informer = selected.withLimit(PAGE).runnableInformer(0);
        informer.itemStore(new TransformingItemStore<>(prune));
        informer.exceptionHandler((started, failure) -> {
            LOG.warn("Watch of {} failed, trying again: {}", kind.getSimpleName(), failure.toString());
            return true;
        });
        informer.addEventHandler(handler(seen, gone));
        informer.start();
        synchronized (informers) {
            informers.add(informer);
        }
        return informer;
    }

    private static <T> ResourceEventHandler<T> handler(Consumer<T> seen, Consumer<T> gone) {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                seen.accept(object);
            }

            @Override
            public void onUpdate(T before, T object) {
                seen.accept(object);
            }

            @Override
            public void onDelete(T object, boolean finalStateUnknown) {
                gone.accept(object);
            }
        };
    }

    /** Whether all have seen the state at their start. */
    public boolean synced() {
        synchronized (informers) {
            return informers.stream().allMatch(SharedIndexInformer::hasSynced);
        }
    }

    @Override
    public void close() {
        synchronized (informers) {
            informers.forEach(SharedIndexInformer::stop);
        }
    }
}
