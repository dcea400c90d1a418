package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Run;
import io.fabric8.kubernetes.client.utils.Serialization;

/** Runs from YAML. */
final class Manifests {
    private Manifests() {}

    /** A Run of these metadata, spec and status, each a YAML flow mapping. */
    static Run run(String metadata, String spec, String status) {
        return Serialization.unmarshal(
                "apiVersion: wheelhouse.dev/v1alpha1\nkind: Run\nmetadata: " + metadata + "\nspec: " + spec
                        + "\nstatus: " + status,
                Run.class);
    }
}
