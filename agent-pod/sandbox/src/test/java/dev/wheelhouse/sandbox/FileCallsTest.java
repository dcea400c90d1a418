package dev.wheelhouse.sandbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame.FileDone;
import dev.wheelhouse.sandbox.wire.Frame.FileEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileCallsTest {
    private static final byte[] DATA = "secret".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private Path workspace;
    private Path outside;
    private FileCalls files;

    @BeforeEach
    void folders() throws IOException {
        workspace = Files.createDirectory(folder.resolve("workspace"));
        outside = Files.createDirectory(folder.resolve("outside"));
        Files.write(outside.resolve("token"), DATA);
        files = new FileCalls(new Workspace(workspace, Files.createDirectory(folder.resolve("tmp"))));
    }

    @Test
    void writesAndReads() throws IOException {
        assertNull(done(new FileOp.Write("a/b/c.txt", DATA, 0640)).error());
        assertArrayEquals(DATA, Files.readAllBytes(workspace.resolve("a/b/c.txt")));
        assertEquals("rw-r-----", mode("a/b/c.txt"));
        assertNull(done(new FileOp.Write("a/b/c.txt", new byte[] {1}, -1)).error());
        assertEquals("rw-r-----", mode("a/b/c.txt"), "the mode stays");
        assertNull(done(new FileOp.Write("script", DATA, 0755)).error());
        assertEquals("rwxr-xr-x", mode("script"));
        assertEquals(List.of("a", "script"), names(workspace), "nothing is left behind");
        var all = done(new FileOp.Read(workspace + "/script", 0, 100));
        assertArrayEquals(DATA, all.content());
        assertFalse(all.more());
        assertEquals(6, all.size());
        var part = done(new FileOp.Read("script", 2, 3));
        assertEquals("cre", new String(part.content(), StandardCharsets.UTF_8));
        assertTrue(part.more());
        assertEquals(0, done(new FileOp.Read("script", 99, 3)).content().length);
        assertEquals(0, done(new FileOp.Read("script", -5, -3)).content().length);
        assertNull(done(new FileOp.Write(folder + "/tmp/x", DATA, -1)).error());
    }

    @Test
    void aPathWithoutEndIsRefused() throws IOException {
        var error = done(new FileOp.Write("a/".repeat(2000) + "f", DATA, -1)).error();
        assertTrue(error.contains("at most 128 parts"), error);
        assertEquals(List.of(), names(workspace));
        assertNull(done(new FileOp.Write("a/".repeat(40) + "f", DATA, -1)).error());
    }

    @Test
    void editsWhatIsThereOnce() throws IOException {
        Files.writeString(workspace.resolve("f"), "one two two");
        assertTrue(done(new FileOp.Edit("f", "two", "2", false)).error().contains("more than once"));
        assertTrue(done(new FileOp.Edit("f", "three", "3", false)).error().contains("not in"));
        assertNotNull(done(new FileOp.Edit("f", "", "3", false)).error());
        assertEquals("one two two", Files.readString(workspace.resolve("f")));
        assertNull(done(new FileOp.Edit("f", "one", "1 $1 \\", false)).error());
        assertNull(done(new FileOp.Edit("f", "two", "2", true)).error());
        assertEquals("1 $1 \\ 2 2", Files.readString(workspace.resolve("f")));
        Files.writeString(workspace.resolve("f"), "aaa");
        assertNotNull(done(new FileOp.Edit("f", "aa", "b", false)).error(), "overlapping is twice too");
        Files.write(workspace.resolve("binary"), new byte[] {-1, -2});
        assertTrue(done(new FileOp.Edit("binary", "a", "b", false)).error().contains("UTF-8"));
    }

    @Test
    void uploadsInPieces() throws IOException {
        assertNull(
                done(new FileOp.Upload("in/data", 0, "abc".getBytes(), false)).error());
        assertFalse(Files.exists(workspace.resolve("in/data")), "not before it is complete");
        assertTrue(done(new FileOp.Upload("in/data", 9, "x".getBytes(), true))
                .error()
                .contains("missing"));
        assertNull(
                done(new FileOp.Upload("in/data", 3, "def".getBytes(), false)).error());
        assertNull(
                done(new FileOp.Upload("in/data", 3, "def".getBytes(), false)).error(), "a piece twice");
        assertNull(done(new FileOp.Upload("in/data", 6, new byte[0], true)).error());
        assertEquals("abcdef", Files.readString(workspace.resolve("in/data")));
        assertEquals(List.of("data"), names(workspace.resolve("in")));
    }

    @Test
    void listsAndFinds() throws IOException {
        Files.createDirectories(workspace.resolve("d/e/f"));
        Files.writeString(workspace.resolve("top.csv"), "1");
        Files.writeString(workspace.resolve("d/e/deep.csv"), "22");
        Files.createSymbolicLink(workspace.resolve("loop"), workspace);
        assertEquals(List.of("d", "loop", "top.csv"), paths(done(new FileOp.ListDir(".", 1))));
        assertEquals(
                List.of("d", "d/e", "d/e/deep.csv", "d/e/f", "loop", "top.csv"),
                paths(done(new FileOp.ListDir(workspace.toString(), 99))));
        assertEquals(List.of("e"), paths(done(new FileOp.ListDir("d", 0))));
        var found = done(new FileOp.Glob("**/*.csv"));
        assertEquals(List.of("d/e/deep.csv", "top.csv"), paths(found));
        assertEquals(2, found.entries().getFirst().size());
        assertFalse(found.more());
        assertNotNull(done(new FileOp.ListDir("top.csv", 1)).error());
        assertNotNull(done(new FileOp.ListDir("none", 1)).error());
    }

    @Test
    void listingsAreBounded() throws IOException {
        var deep = workspace;
        for (var i = 0; i < 40; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
        }
        var deepest = done(new FileOp.ListDir(".", 1000));
        assertEquals(32, deepest.entries().size());
        assertTrue(deepest.more());
        for (var i = 0; i < 10_050; i++) {
            Files.createFile(workspace.resolve("f" + i));
        }
        var many = done(new FileOp.Glob("f*"));
        assertEquals(10_000, many.entries().size());
        assertTrue(many.more());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "../outside/token",
                "a/../../outside/token",
                "/proc/self/environ",
                "link/token",
                "file",
                "dangling",
                "self/environ",
                "..",
                ".",
                "/",
                "",
                "nul\0nul",
                "workspaceX/../../workspace-other/x",
            })
    void nothingOutsideIsRead(String path) throws IOException {
        links();
        for (var op : List.of(
                new FileOp.Read(path, 0, 100),
                new FileOp.Write(path, DATA, -1),
                new FileOp.Edit(path, "secret", "x", false),
                new FileOp.Upload(path, 0, DATA, true))) {
            var done = done(op);
            assertNotNull(done.error(), op.toString());
            assertNull(done.content());
        }
        assertEquals(List.of("token"), names(outside));
        assertArrayEquals(DATA, Files.readAllBytes(outside.resolve("token")));
        assertEquals(List.of("outside", "tmp", "workspace"), names(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "/", "/proc/self", "link", "self", "../workspace/link"})
    void nothingOutsideIsListed(String path) throws IOException {
        links();
        assertNotNull(done(new FileOp.ListDir(path, 1)).error());
    }

    @Test
    void linksThatStayInsideWork() throws IOException {
        Files.writeString(workspace.resolve("real"), "text");
        Files.createSymbolicLink(workspace.resolve("alias"), Path.of("real"));
        assertEquals("text", new String(done(new FileOp.Read("alias", 0, 10)).content(), StandardCharsets.UTF_8));
        assertNull(done(new FileOp.Edit("alias", "text", "new", false)).error());
        assertEquals("new", Files.readString(workspace.resolve("real")));
        assertTrue(Files.isSymbolicLink(workspace.resolve("alias")));
    }

    @Test
    void whatIsNoFileIsNotOpened() throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", workspace.resolve("pipe").toString())
                        .start()
                        .waitFor());
        Files.createDirectory(workspace.resolve("folder"));
        for (var name : List.of("pipe", "folder")) {
            assertTrue(done(new FileOp.Read(name, 0, 1)).error().contains("not a file"));
            assertTrue(done(new FileOp.Write(name, DATA, -1)).error().contains("not a file"));
        }
    }

    /** A folder that turns into a link between the look and the step must not lead out. */
    @Test
    void swappedFoldersDoNotLeadOut() throws Exception {
        var door = workspace.resolve("door");
        var swapping = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    Files.createDirectory(door);
                    Files.deleteIfExists(door.resolve("token"));
                    Files.delete(door);
                    Files.createSymbolicLink(door, outside);
                    Files.delete(door);
                }
            } catch (IOException e) {
                // A write came between: the folder is not empty, and stays one.
            }
        });
        for (var i = 0; i < 5_000; i++) {
            assertNull(done(new FileOp.Read("door/token", 0, 100)).content());
        }
        for (var i = 0; i < 500; i++) {
            done(new FileOp.Write("door/new", DATA, -1));
        }
        swapping.interrupt();
        swapping.join();
        assertEquals(List.of("token"), names(outside));
    }

    private void links() throws IOException {
        Files.createSymbolicLink(workspace.resolve("link"), outside);
        Files.createSymbolicLink(workspace.resolve("file"), outside.resolve("token"));
        Files.createSymbolicLink(workspace.resolve("dangling"), outside.resolve("new"));
        Files.createSymbolicLink(workspace.resolve("self"), Path.of("/proc/self"));
    }

    private FileDone done(FileOp op) {
        return files.run("call", op);
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(workspace.resolve(path)));
    }

    private static List<String> paths(FileDone done) {
        assertNull(done.error());
        return done.entries().stream().map(FileEntry::path).toList();
    }

    private static List<String> names(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
