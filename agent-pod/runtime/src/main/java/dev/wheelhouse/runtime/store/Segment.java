package dev.wheelhouse.runtime.store;

import dev.wheelhouse.api.v1alpha1.Api;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One ConfigMap of a journal as last seen.
 *
 * @param text its lines, each ended by a newline
 * @param sealed whether it can take no more lines
 */
record Segment(int number, String resourceVersion, String text, boolean sealed) {
    /** Key of the lines in the ConfigMap. */
    static final String KEY = "records";

    static Segment of(int number, ConfigMap map) {
        String text = map.getData() == null ? "" : map.getData().getOrDefault(KEY, "");
        return new Segment(
                number, map.getMetadata().getResourceVersion(), text, Boolean.TRUE.equals(map.getImmutable()));
    }

    static String text(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    List<String> lines() {
        return text.lines().toList();
    }

    /** Whether a ConfigMap was written for this very run; a run of the same name may have existed before. */
    static boolean belongsTo(ConfigMap map, String runUid) {
        var labels = map.getMetadata().getLabels();
        return labels != null && runUid.equals(labels.get(Api.LABEL_JOURNAL));
    }
}
