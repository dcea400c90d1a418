package dev.wheelhouse.plugin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoredArtifactTest {
    /** Of {@code hello world}. */
    private static final String DIGEST = "sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

    private static final RunStatus.Artifact HELLO = new RunStatus.Artifact("hello.txt", 11L, DIGEST);

    @Test
    void partsInAnyOrderMakeTheWhole() {
        byte[] content = StoredArtifact.of(HELLO, List.of(part("1/2", "world"), part("0/2", "hello ")))
                .content();
        assertArrayEquals("hello world".getBytes(StandardCharsets.UTF_8), content);
    }

    @Test
    void aMissingPartIsNamed() {
        assertEquals(
                "part 0 of 2 of 'hello.txt' is missing",
                assertThrows(CommandException.class, () -> StoredArtifact.of(HELLO, List.of(part("1/2", "world"))))
                        .getMessage());
    }

    @Test
    void changedContentIsRefused() {
        String why = assertThrows(
                        CommandException.class, () -> StoredArtifact.of(HELLO, List.of(part("0/1", "hello mars"))))
                .getMessage();
        assertTrue(why.contains("is not what the run saved"), why);
    }

    @Test
    void nothingLeftIsSaid() {
        assertEquals(
                "'hello.txt' is not there any more",
                assertThrows(CommandException.class, () -> StoredArtifact.of(HELLO, List.of()))
                        .getMessage());
    }

    private static ConfigMap part(String place, String text) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .addToAnnotations(Api.ANNOTATION_ARTIFACT_PART, place)
                .endMetadata()
                .addToBinaryData(
                        Api.ARTIFACT_KEY, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)))
                .build();
    }
}
