package dev.wheelhouse.runtime.sandbox;

import static dev.wheelhouse.runtime.sandbox.SandboxSpace.KEY;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.NAMESPACE;
import static dev.wheelhouse.runtime.sandbox.SandboxSpace.call;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.ConfigMapKey;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files on their way into sandboxes and out of them. */
class SandboxFilesTest {
    private SandboxSpace space;
    private final FakeDaemon.Pod pod = new FakeDaemon.Pod("p1");

    @BeforeEach
    void open() throws IOException {
        space = new SandboxSpace();
        space.pod("p1", KEY);
        space.connect(pod);
    }

    @AfterEach
    void close() throws Exception {
        space.close();
    }

    @Test
    void files_of_the_run_are_there_before_the_first_command_and_put_once() throws Exception {
        byte[] large = new byte[900_000];
        new Random(1).nextBytes(large);
        space.api
                .store()
                .put(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("input")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .addToData("a.csv", "1;ü")
                        .addToBinaryData("b.bin", Base64.getEncoder().encodeToString(large))
                        .build());
        var binding = SandboxSpace.binding(false, List.of(file("a.csv", "a.csv"), file("data/b.bin", "b.bin")));
        succeeded(space.tool().call(call("shell", "c1", "{'command':'ls'}", binding, 1)));
        assertEquals("1;ü", new String(pod.files.get("a.csv"), StandardCharsets.UTF_8));
        assertArrayEquals(large, pod.files.get("data/b.bin"));
        int first = pod.heard.stream().map(Object::getClass).toList().indexOf(Frame.Start.class);
        assertEquals(
                3,
                pod.heard.subList(0, first).stream()
                        .filter(SandboxFilesTest::uploads)
                        .count());
        succeeded(space.tool().call(call("shell", "c2", "{'command':'ls'}", binding, 1)));
        assertEquals(3, pod.heard.stream().filter(SandboxFilesTest::uploads).count());
    }

    @Test
    void calls_at_once_wait_for_the_files_that_one_of_them_puts() throws Exception {
        space.api
                .store()
                .put(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("input")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .addToData("a.csv", "1")
                        .build());
        var binding = SandboxSpace.binding(false, List.of(file("a.csv", "a.csv")));
        pod.gate = new CountDownLatch(1);
        List<FutureTask<ToolResult>> results = new ArrayList<>();
        for (String callId : List.of("c1", "c2")) {
            results.add(
                    new FutureTask<>(() -> space.tool().call(call("shell", callId, "{'command':'ls'}", binding, 1))));
            Thread thread = Thread.ofVirtual().start(results.getLast());
            await().until(() -> Arrays.stream(thread.getStackTrace())
                    .anyMatch(frame -> frame.getClassName().equals(InputFiles.class.getName())));
        }
        pod.gate.countDown();
        for (FutureTask<ToolResult> result : results) {
            succeeded(result.get());
        }
        assertEquals(1, pod.heard.stream().filter(SandboxFilesTest::uploads).count());
    }

    @Test
    void what_is_too_long_for_one_frame_is_told_and_the_session_stays() throws Exception {
        String text = "\u6f22".repeat(200_000);
        ToolResult result =
                space.tool().call(call("edit_file", "c1", "{'path':'f','old':'" + text + "','new':'" + text + "'}"));
        assertTrue(assertInstanceOf(ToolResult.NotSent.class, result).reason().contains("too long together"));
        succeeded(space.tool().call(call("shell", "c2", "{'command':'ls'}")));
    }

    @Test
    void a_kept_workspace_gets_its_files_once() throws Exception {
        space.api
                .store()
                .put(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("input")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .addToData("a.csv", "from the run")
                        .build());
        SandboxState.Request r = SandboxSpace.REQUEST;
        var kept = new SandboxBinding(
                new SandboxState.Request(
                        KEY,
                        null,
                        r.scope(),
                        r.image(),
                        r.resources(),
                        new SandboxSpec.Workspace(true, "1Gi", null),
                        300,
                        3600,
                        false),
                null,
                false,
                List.of(file("a.csv", "a.csv")),
                List.of(),
                null,
                List.of());
        succeeded(space.tool().call(call("shell", "c1", "{'command':'ls'}", kept, 1)));
        FakeDaemon.Pod next = new FakeDaemon.Pod("p2");
        next.files.putAll(pod.files);
        next.files.put("a.csv", "changed".getBytes(StandardCharsets.UTF_8));
        space.api.store().delete(SandboxSpace.path("p1"));
        space.opened.removeIf(one -> {
            if (one instanceof FakeDaemon daemon) {
                daemon.close();
                return true;
            }
            return false;
        });
        space.pod("p2", KEY);
        space.connect(next);
        succeeded(space.tool().call(call("shell", "c2", "{'command':'ls'}", kept, 1)));
        assertEquals("changed", new String(next.files.get("a.csv"), StandardCharsets.UTF_8));
    }

    @Test
    void a_file_that_is_gone_is_named_and_nothing_runs() throws Exception {
        var binding = SandboxSpace.binding(false, List.of(file("a.csv", "a.csv")));
        ToolResult result = space.tool().call(call("shell", "c1", "{'command':'ls'}", binding, 1));
        String why = assertInstanceOf(ToolResult.NotSent.class, result).reason();
        assertTrue(why.contains("ConfigMap 'input' has no key 'a.csv'"), why);
        assertTrue(pod.starts().isEmpty());
    }

    @Test
    void an_artifact_is_kept_in_pieces_that_its_digest_proves() throws Exception {
        byte[] content = new byte[1_500_000];
        new Random(2).nextBytes(content);
        pod.files.put("out/chart.png", content);
        String said = succeeded(space.tool().call(call("save_artifact", "c1", "{'path':'out/chart.png'}")));
        String hex = Canonical.sha256(content);
        assertEquals("kept as 'chart.png', 1500000 bytes, sha256:" + hex, said);
        assertEquals("sha256:" + hex, space.desk.kept.getFirst().digest());
        TreeMap<String, byte[]> parts = new TreeMap<>();
        for (String path : space.api.store().paths()) {
            JsonNode map = space.api.store().get(path);
            if (path.contains("/configmaps/r1-a-" + hex.substring(0, 16))) {
                assertEquals(
                        "uid-r1",
                        map.at("/metadata/labels").path(Api.LABEL_JOURNAL).asText());
                assertEquals("uid-r1", map.at("/metadata/ownerReferences/0/uid").asText());
                assertTrue(map.path("immutable").asBoolean());
                assertEquals(
                        hex.substring(0, 63),
                        map.at("/metadata/labels").path(Api.LABEL_ARTIFACT).asText());
                parts.put(
                        map.at("/metadata/annotations")
                                .path(Api.ANNOTATION_ARTIFACT_PART)
                                .asText(),
                        Base64.getDecoder().decode(map.at("/binaryData/data").asText()));
            }
        }
        assertEquals(List.of("0/3", "1/3", "2/3"), List.copyOf(parts.keySet()));
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        parts.values().forEach(whole::writeBytes);
        assertArrayEquals(content, whole.toByteArray());
    }

    @Test
    void to_keep_the_same_again_makes_nothing_new() throws Exception {
        pod.files.put("a.txt", "same".getBytes(StandardCharsets.UTF_8));
        succeeded(space.tool().call(call("save_artifact", "c1", "{'path':'a.txt'}")));
        int objects = space.api.store().paths().size();
        succeeded(space.tool().call(call("save_artifact", "c2", "{'path':'a.txt','name':'b.txt'}")));
        assertEquals(objects, space.api.store().paths().size());
        assertEquals(
                List.of("a.txt", "b.txt"),
                space.desk.kept.stream().map(a -> a.name()).toList());
    }

    @Test
    void what_is_too_large_too_much_or_badly_named_is_not_kept() throws Exception {
        pod.files.put("big", new byte[Artifacts.MAX_SIZE + 1]);
        assertTrue(failed("{'path':'big'}").contains("at most 4194304"));
        assertTrue(failed("{'path':'gone'}").contains("does not exist"));
        assertTrue(failed("{'path':'dir/..'}").contains("cannot be an artifact's name"));
        assertTrue(failed("{'path':'big','name':'a/b'}").contains("cannot be an artifact's name"));
        for (int i = 0; i < 4; i++) {
            byte[] content = new byte[Artifacts.MAX_SIZE];
            content[0] = (byte) i;
            pod.files.put("f" + i, content);
            succeeded(space.tool().call(call("save_artifact", "k" + i, "{'path':'f" + i + "'}")));
        }
        pod.files.put("last", new byte[1]);
        assertTrue(failed("{'path':'last'}").contains("at most 16777216"));
        assertEquals(4, space.desk.kept.size());
    }

    @Test
    void replacing_an_artifact_again_and_again_comes_to_an_end() throws Exception {
        byte[] content = new byte[Artifacts.MAX_SIZE];
        for (int i = 0; i < 16; i++) {
            content[0] = (byte) i;
            pod.files.put("f", content.clone());
            succeeded(space.tool().call(call("save_artifact", "k" + i, "{'path':'f'}")));
        }
        pod.files.put("f", new byte[1]);
        assertTrue(failed("{'path':'f'}").contains("67108864 bytes"));
        assertEquals(1, space.desk.kept.size());
    }

    @Test
    void text_is_read_in_parts_and_other_files_are_not_shown() throws Exception {
        pod.files.put("a.txt", "0123456789".getBytes(StandardCharsets.UTF_8));
        assertEquals("0123456789", succeeded(space.tool().call(call("read_file", "c1", "{'path':'a.txt'}"))));
        assertEquals(
                "234\n[bytes 2 to 5 of 10; go on with offset 5]",
                succeeded(space.tool().call(call("read_file", "c2", "{'path':'a.txt','offset':2,'limit':3}"))));
        pod.files.put("a.bin", new byte[] {1, 0, 2});
        ToolResult result = space.tool().call(call("read_file", "c3", "{'path':'a.bin'}"));
        assertTrue(assertInstanceOf(ToolResult.Failed.class, result).content().contains("no text file"));
    }

    @Test
    void a_written_file_has_the_content() throws Exception {
        assertEquals(
                "done", succeeded(space.tool().call(call("write_file", "c1", "{'path':'x/y.txt','content':'hä'}"))));
        assertEquals("hä", new String(pod.files.get("x/y.txt"), StandardCharsets.UTF_8));
    }

    private static boolean uploads(Frame frame) {
        return frame instanceof Frame.FileCall(var _, FileOp op) && op instanceof FileOp.Upload;
    }

    private static RunSpec.InputFile file(String path, String key) {
        return new RunSpec.InputFile(path, new ConfigMapKey("input", key));
    }

    private static String succeeded(ToolResult result) {
        return assertInstanceOf(ToolResult.Succeeded.class, result).content();
    }

    private String failed(String arguments) throws InterruptedException {
        return assertInstanceOf(
                        ToolResult.Failed.class,
                        space.tool().call(call("save_artifact", "f" + arguments.hashCode(), arguments)))
                .content();
    }
}
