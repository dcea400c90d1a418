package dev.wheelhouse.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The committed YAML is what the types say, and every field is described and bounded. */
class CrdYamlTest {
    /** The module's folder: the YAML lies beside the POM. */
    private static final Path FOLDER = Path.of("").toAbsolutePath();

    @Test
    void committedYamlIsUpToDate() throws IOException {
        var generated = CrdYaml.generate();
        if (Boolean.getBoolean("crds.write")) {
            for (var file : generated.entrySet()) {
                Files.writeString(FOLDER.resolve(file.getKey()), file.getValue());
            }
        }
        var committed = new TreeMap<String, String>();
        try (var files = Files.newDirectoryStream(FOLDER, "*.yaml")) {
            for (Path file : files) {
                committed.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        assertEquals(generated, committed, "the CRD YAML is out of date: run `make crds` and commit the result");
    }

    @Test
    void everyFieldIsDescribed() throws IOException {
        List<String> faults = new ArrayList<>();
        for (var crd : crds()) {
            walk(crd, (path, schema) -> {
                if (schema.getDescription() == null || schema.getDescription().isBlank()) {
                    faults.add(path);
                }
            });
        }
        assertTrue(faults.isEmpty(), () -> "without a description: " + String.join("\n", faults));
    }

    @Test
    void everyFieldIsBounded() throws IOException {
        List<String> faults = new ArrayList<>();
        for (var crd : crds()) {
            walk(crd, (path, schema) -> {
                if (!bounded(schema)) {
                    faults.add(path);
                }
            });
        }
        assertTrue(faults.isEmpty(), () -> "without a bound: " + String.join("\n", faults));
    }

    @Test
    void noReferenceCarriesANamespace() throws IOException {
        List<String> faults = new ArrayList<>();
        for (var crd : crds()) {
            walk(crd, (path, schema) -> {
                if (path.toLowerCase().endsWith("namespace")) {
                    faults.add(path);
                }
            });
        }
        assertEquals(List.of(), faults);
    }

    private static boolean bounded(JSONSchemaProps schema) {
        if (Boolean.TRUE.equals(schema.getXKubernetesPreserveUnknownFields()) || schema.getType() == null) {
            return true;
        }
        return switch (schema.getType()) {
            case "string" -> schema.getMaxLength() != null || !schema.getEnum().isEmpty() || schema.getFormat() != null;
            case "array" -> schema.getMaxItems() != null;
            case "object" -> schema.getAdditionalProperties() == null || schema.getMaxProperties() != null;
            default -> true;
        };
    }

    private interface Visitor {
        void field(String path, JSONSchemaProps schema);
    }

    private static void walk(CustomResourceDefinition crd, Visitor visitor) {
        var schema = crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        walk(crd.getSpec().getNames().getKind(), schema, visitor);
    }

    private static void walk(String path, JSONSchemaProps schema, Visitor visitor) {
        visitor.field(path, schema);
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, child) -> walk(path + "." + name, child, visitor));
        }
        if (schema.getItems() != null) {
            var item = schema.getItems().getSchema();
            if (item.getProperties() != null) {
                item.getProperties().forEach((name, child) -> walk(path + "[]." + name, child, visitor));
            }
        }
    }

    private static List<CustomResourceDefinition> crds() throws IOException {
        return CrdYaml.generate().values().stream()
                .map(yaml -> Serialization.unmarshal(yaml, CustomResourceDefinition.class))
                .toList();
    }
}
