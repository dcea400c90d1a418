package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Failures;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that a run leaves for people, in ConfigMaps that go with the Run. Named by their content, so that to save again
 * makes nothing new; the Run's status anchors their digests.
 */
final class Artifacts {
    /** Characters that need no quoting anywhere; no path. */
    static final String NAME = "^[A-Za-z0-9_][A-Za-z0-9._ -]*$";

    static final int MAX_NAME = 128;
    /** Bytes of one file. */
    static final int MAX_SIZE = 4 * 1024 * 1024;

    private static final long MAX_TOTAL = 16L * 1024 * 1024;
    private static final int MAX_FILES = 32;
    /** Bytes that one process stores of a run; what was replaced goes only with the Run. */
    private static final long MAX_STORED = 4 * MAX_TOTAL;

    private static final int REMEMBERED = 4096;
    /** Bytes of one ConfigMap: encoded they stay below what the API server takes. */
    private static final int PART = 700 * 1024;

    private static final int MAX_OBJECT_NAME = 253;
    private static final int DIGEST_PART = 16;
    private static final int MAX_LABEL = 63;
    private static final int CONFLICT = 409;

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final RunDesk desk;
    private final Map<String, Long> stored = new LinkedHashMap<>();

    Artifacts(KubernetesClient client, ApiPermits permits, RunDesk desk) {
        this.client = client;
        this.permits = permits;
        this.desk = desk;
    }

    /** It cannot be kept. The message is for the model. */
    static final class NotKept extends Exception {
        NotKept(String message) {
            super(message);
        }
    }

    /** @throws NotKept if the run may not keep one more file of that size under that name */
    void check(RunId run, String name, long size) throws NotKept {
        if (!name.matches(NAME) || name.length() > MAX_NAME) {
            throw new NotKept("'" + CommandText.cut(name, MAX_NAME)
                    + "' cannot be an artifact's name: use letters, digits, dots, dashes, underscores and spaces");
        }
        if (size > MAX_SIZE) {
            throw new NotKept("The file has " + size + " bytes; an artifact has at most " + MAX_SIZE
                    + ". Make it smaller or split it.");
        }
        List<RunStatus.Artifact> others = desk.artifacts(run).stream()
                .filter(other -> !name.equals(other.name()))
                .toList();
        if (others.size() >= MAX_FILES) {
            throw new NotKept("The run has kept " + others.size() + " artifacts, the most there may be.");
        }
        long total = others.stream()
                .mapToLong(other -> other.size() == null ? 0 : other.size())
                .sum();
        if (total + size > MAX_TOTAL) {
            throw new NotKept(
                    "The run's artifacts would have " + (total + size) + " bytes; at most " + MAX_TOTAL + " are kept.");
        }
    }

    /** Keeps a file; to do it again is harmless. */
    RunStatus.Artifact keep(RunId run, String name, byte[] content) throws NotKept {
        check(run, name, content.length);
        if (stored(run, 0) + content.length > MAX_STORED) {
            throw new NotKept("The run has stored " + MAX_STORED
                    + " bytes of artifacts, the most there may be with those" + " that were replaced.");
        }
        String hex = Canonical.sha256(content);
        int count = Math.max(1, (content.length + PART - 1) / PART);
        try {
            for (int i = 0; i < count; i++) {
                byte[] part = Arrays.copyOfRange(content, i * PART, Math.min(content.length, (i + 1) * PART));
                create(run, map(run, name, hex, part, i, count));
                stored(run, part.length);
            }
            RunStatus.Artifact artifact = new RunStatus.Artifact(name, (long) content.length, "sha256:" + hex);
            desk.artifact(run, artifact);
            return artifact;
        } catch (KubernetesClientException e) {
            throw new NotKept("It could not be kept: " + Failures.reason(e));
        } catch (RunDesk.NotWritten e) {
            throw new NotKept("It could not be kept, the run's status was not written: " + e.getMessage());
        }
    }

    /** Adds to what is stored of the run, as far as this process knows. */
    private long stored(RunId run, long more) {
        synchronized (stored) {
            long all = stored.merge(run.uid(), more, Long::sum);
            if (stored.size() > REMEMBERED) {
                stored.remove(stored.keySet().iterator().next());
            }
            return all;
        }
    }

    private void create(RunId run, ConfigMap wanted) throws NotKept {
        try {
            permits.call(() -> client.configMaps()
                    .inNamespace(run.namespace())
                    .resource(wanted)
                    .create());
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw e;
            }
            ConfigMap there = permits.call(() -> client.configMaps()
                    .inNamespace(run.namespace())
                    .withName(wanted.getMetadata().getName())
                    .get());
            if (there == null
                    || there.getBinaryData() == null
                    || there.getMetadata().getLabels() == null
                    || !run.uid().equals(there.getMetadata().getLabels().get(Api.LABEL_JOURNAL))
                    || !wanted.getBinaryData().equals(there.getBinaryData())) {
                throw new NotKept("ConfigMap " + wanted.getMetadata().getName() + " is in the way; delete it");
            }
        }
    }

    private static ConfigMap map(RunId run, String name, String hex, byte[] part, int index, int count) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(objectName(run, hex, index))
                .withNamespace(run.namespace())
                .addToLabels(Api.LABEL_JOURNAL, run.uid())
                .addToLabels(Api.LABEL_ARTIFACT, hex.substring(0, MAX_LABEL))
                .addToAnnotations(Api.ANNOTATION_ARTIFACT_NAME, name)
                .addToAnnotations(Api.ANNOTATION_ARTIFACT_PART, index + "/" + count)
                .addNewOwnerReference()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind("Run")
                .withName(run.name())
                .withUid(run.uid())
                .endOwnerReference()
                .endMetadata()
                .withBinaryData(Map.of(Api.ARTIFACT_KEY, Base64.getEncoder().encodeToString(part)))
                .withImmutable(true)
                .build();
    }

    private static String objectName(RunId run, String hex, int index) {
        String suffix = "-a-" + hex.substring(0, DIGEST_PART) + "-" + index;
        String base = run.name().length() + suffix.length() <= MAX_OBJECT_NAME
                ? run.name()
                : run.name().substring(0, MAX_OBJECT_NAME - suffix.length());
        return base + suffix;
    }
}
