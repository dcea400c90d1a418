package dev.wheelhouse.runtime.store;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.StoreException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The ConfigMaps of journals: their names, their form, and one API request per method. */
final class JournalMaps {
    /** Longest name of a ConfigMap. */
    private static final int MAX_NAME = 253;
    /** Key of the content of a blob. */
    static final String BLOB_KEY = "content";

    private static final int UID_PART = 8;

    private final KubernetesClient client;
    private final ApiPermits permits;

    JournalMaps(KubernetesClient client, ApiPermits permits) {
        this.client = client;
        this.permits = permits;
    }

    /** All segments in order. Stops at the first that can take lines: none follows it. */
    List<Segment> segments(RunId run) throws StoreException {
        List<Segment> found = new ArrayList<>();
        Optional<Segment> next = segment(run, 0);
        while (next.isPresent()) {
            found.add(next.get());
            next = next.get().sealed() ? segment(run, found.size()) : Optional.empty();
        }
        return found;
    }

    Optional<Segment> segment(RunId run, int number) throws StoreException {
        return find(run, segmentName(run, number)).map(map -> Segment.of(number, map));
    }

    Optional<String> blob(RunId run, String digest) throws StoreException {
        return find(run, blobName(run, digest)).map(map -> map.getData().get(BLOB_KEY));
    }

    /** Creates a segment; the caller interprets a conflict. */
    Segment create(RunId run, Segment segment) {
        return write(run, segment, map -> map.create());
    }

    /** Replaces a segment if its resource version is still the given one; the caller interprets a conflict. */
    Segment update(RunId run, Segment segment) {
        return write(run, segment, map -> map.update());
    }

    private Segment write(RunId run, Segment segment, Function<Resource<ConfigMap>, ConfigMap> write) {
        Resource<ConfigMap> map =
                client.configMaps().inNamespace(run.namespace()).resource(segmentMap(run, segment));
        return Segment.of(segment.number(), permits.callPolitely(run.uid(), () -> write.apply(map)));
    }

    void createBlob(RunId run, String digest, String content) {
        permits.call(() -> client.configMaps()
                .inNamespace(run.namespace())
                .resource(map(run, blobName(run, digest), BLOB_KEY, content, true, null))
                .create());
    }

    static String segmentName(RunId run, int number) {
        return name(run, "-j" + number);
    }

    static String blobName(RunId run, String digest) {
        return name(run, "-b-" + digest.substring(digest.indexOf(':') + 1).substring(0, 16));
    }

    /** A run's name may be as long as a ConfigMap's; a cut one carries a part of the UID to stay unique. */
    private static String name(RunId run, String suffix) {
        if (run.name().length() + suffix.length() <= MAX_NAME) {
            return run.name() + suffix;
        }
        String uid = "-" + run.uid().substring(0, Math.min(UID_PART, run.uid().length()));
        return run.name().substring(0, MAX_NAME - suffix.length() - uid.length()) + uid + suffix;
    }

    private Optional<ConfigMap> find(RunId run, String name) throws StoreException {
        ConfigMap map;
        try {
            map = permits.call(() -> client.configMaps()
                    .inNamespace(run.namespace())
                    .withName(name)
                    .get());
        } catch (KubernetesClientException e) {
            throw Failures.of(e, "read " + name);
        }
        if (map == null) {
            return Optional.empty();
        }
        if (!Segment.belongsTo(map, run.uid())) {
            throw new StoreException.Unavailable(
                    "ConfigMap " + name + " belongs to something else than run " + run
                            + ", perhaps to a deleted run of that name; the journal waits until it is gone",
                    null);
        }
        return Optional.of(map);
    }

    private ConfigMap segmentMap(RunId run, Segment segment) {
        return map(
                run,
                segmentName(run, segment.number()),
                Segment.KEY,
                segment.text(),
                segment.sealed(),
                segment.resourceVersion());
    }

    private static ConfigMap map(
            RunId run, String name, String key, String value, boolean immutable, String resourceVersion) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(run.namespace())
                .withResourceVersion(resourceVersion)
                .addToLabels(Api.LABEL_JOURNAL, run.uid())
                .addNewOwnerReference()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind("Run")
                .withName(run.name())
                .withUid(run.uid())
                .endOwnerReference()
                .endMetadata()
                .withData(Map.of(key, value))
                .withImmutable(immutable ? Boolean.TRUE : null)
                .build();
    }
}
