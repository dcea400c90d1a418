package dev.wheelhouse.runtime.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SecretKey;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretFilesTest {
    @TempDir
    Path root;

    private SecretFiles files;

    @BeforeEach
    void mount() throws Exception {
        files = new SecretFiles(root.resolve("secrets"));
        Files.createDirectories(root.resolve("secrets/s/..data"));
        Files.writeString(root.resolve("secrets/s/..data/k"), "value-1\n");
        // As the kubelet does it.
        Files.createSymbolicLink(root.resolve("secrets/s/k"), Path.of("..data/k"));
        Files.writeString(root.resolve("outside"), "outside");
    }

    private String refused(String name, String key) {
        return assertThrows(SecretUnavailable.class, () -> files.read(new SecretKey(name, key)))
                .getMessage();
    }

    @Test
    void readsAnewEachTime() throws Exception {
        SecretValue value = files.read(new SecretKey("s", "k"));
        assertEquals("value-1", value.reveal());
        assertFalse(value.toString().contains("value-1"));
        assertEquals("x [key 'k' of Secret 's'] y", value.maskIn("x value-1 y"));
        Files.writeString(root.resolve("secrets/s/..data/k"), "value-2");
        assertEquals("value-2", files.read(new SecretKey("s", "k")).reveal());
    }

    @ParameterizedTest
    @CsvSource({"s,gone", "gone,k", "s,..", "s,.", "..,outside", "s,../../outside", "../s,k", "s/..data,k"})
    void nothingElseIsRead(String name, String key) {
        assertTrue(refused(name, key).contains("is not mounted"));
    }

    @Test
    void whatNoHeaderCarriesIsNotQuoted() throws Exception {
        Files.writeString(root.resolve("secrets/s/..data/k"), "geheim\r\nX: 1");
        assertFalse(refused("s", "k").contains("geheim"));
        Files.writeString(root.resolve("secrets/s/..data/k"), " \n");
        assertTrue(refused("s", "k").contains("is empty"));
    }
}
