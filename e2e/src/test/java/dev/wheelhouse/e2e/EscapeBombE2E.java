package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A hostile program that wastes, floods, hides and destroys hurts itself: its command ends with an outcome that says
 * what happened, the next command works, and another run's sandbox notices nothing. {@link Lab} asks for the next
 * command in every one of these.
 */
class EscapeBombE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static final String LOST = "sandbox was lost";
    private static Space space;
    private static Lab lab;
    private static Lab neighbour;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("bomb").tenant("runtime: {cpu: 10m, replicas: 1}");
        lab = Lab.open(space, "bomber", "{resources: {cpu: '1', memory: 256Mi, disk: 256Mi}, workspace: {size: 64Mi}}");
        neighbour = Lab.open(space, "neighbour", "{scope: Tenant, idleSeconds: 600}");
        neighbour.shell("before", "echo here I was > /workspace/mine");
    }

    private static int after;

    @AfterEach
    void the_neighbour_is_untouched() {
        String told = neighbour.shell("after-" + after++, "cat /workspace/mine");
        assertTrue(told.contains("here I was"), told);
    }

    @Test
    void fork_bomb() {
        String told = lab.shell("fork-bomb", "b() { b | b & }; b; sleep 5; echo forked for a while");
        assertTrue(told.contains("ork") || told.contains("no process left") || told.contains(LOST), told);
    }

    @Test
    void memory_bomb() {
        String told = lab.python("memory-bomb", "a = []\nwhile True: a.append(bytearray(10_000_000))\n");
        assertTrue(told.contains("SIGKILL") || told.contains("MemoryError") || told.contains(LOST), told);
    }

    @Test
    void disk_fill() {
        lab.start("disk-fill", "#sh\ndd if=/dev/zero of=/workspace/full bs=1M count=400; sleep 140");
        String told = lab.told("disk-fill");
        assertTrue(told.contains(LOST) && told.contains("Evicted"), told);
    }

    @Test
    void inode_fill() {
        String told = lab.python("inode-fill", """
            def fill():
                os.mkdir('/tmp/i')
                for i in range(10_000_000): open('/tmp/i/%d' % i, 'w').close()
            attempt('inodes', fill)
            """);
        assertTrue(
                told.contains("HELD inodes")
                        || told.contains("SIGKILL")
                        || told.contains("timed out")
                        || told.contains(LOST),
                told);
    }

    @Test
    void file_descriptor_leak() {
        String told = lab.python(
                "fd-leak",
                "attempt('descriptors', lambda: [open('/dev/null') for i in range(10_000_000)] and 'no end')\n");
        assertTrue(told.contains("HELD descriptors"), told);
    }

    @Test
    void output_flood() {
        String told = lab.shell("flood", "timeout 10 yes flood | head -c 50000000; echo THE END");
        assertTrue(told.length() < 200_000, () -> "length " + told.length());
        assertTrue(told.contains("cut") || told.contains("truncated"), told.substring(0, 300));
    }

    @Test
    void endless_command() {
        space.create("Model", "endless", Manifest.scripted("""
            - when: {step: 1}
              then: {calls: [{tool: shell, arguments: {command: 'trap "" TERM INT; while :; do :; done', timeoutSeconds: 3}}]}
            - when: {step: 2}
              then: {calls: [{tool: shell, arguments: {command: 'echo I am alive'}}]}
            - then: {text: done}
            """));
        space.create("Agent", "endless", "model: endless\ninstructions: x\nsandbox: {}\n");
        space.run("endless");
        String told = new Lab(space, "endless").told("endless");
        assertTrue(told.contains("timed out after 3") && told.contains("killed"), told);
    }

    @Test
    void daemonised_survivor() {
        Lab shared = Lab.open(space, "survivor", "{scope: Tenant}");
        shared.python("survivor-1", """
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    for f in range(3): os.close(f)
                    import time
                    while True:
                        open('/workspace/pulse', 'a').write('.')
                        time.sleep(0.05)
                os._exit(0)
            os.wait()
            """);
        String told = shared.shell(
                "survivor-2",
                "a=$(cat /workspace/pulse | wc -c); sleep 1; b=$(cat /workspace/pulse | wc -c); [ $a = $b ] && echo it is gone");
        assertTrue(told.contains("it is gone"), told);
    }

    @Test
    void the_daemon_is_asked_to_end() {
        String told = lab.shell("term", "kill -TERM 1; sleep 20; echo still here");
        assertTrue(told.contains(LOST) || told.contains("still here"), told);
    }

    @Test
    void everything_is_killed() {
        String told = lab.shell("kill-all", "sleep 140 & kill -9 -1; wait; echo the rest is gone");
        assertTrue(told.contains("the rest is gone") || told.contains(LOST), told);
    }

    @Test
    void the_workspace_is_a_trap() {
        List<String> paths = List.of("link", "../etc/passwd", "/etc/passwd", "dir/../../etc/passwd", "fifo", "device");
        var rules = new StringBuilder("""
            - when: {step: 1}
              then: {calls: [{tool: shell, arguments: {command: 'ln -s /etc/passwd link; ln -s /dev/zero device; mkdir dir; mkfifo fifo; ln -s /etc out'}}]}
            - when: {step: 2}
              then:
                calls:
            """);
        for (String path : paths) {
            rules.append("    - {tool: read_file, arguments: {path: '")
                    .append(path)
                    .append("'}}\n");
            rules.append("    - {tool: save_artifact, arguments: {path: '")
                    .append(path)
                    .append("', name: x}}\n");
        }
        rules.append("    - {tool: write_file, arguments: {path: 'out/evil', content: x}}\n");
        rules.append("    - {tool: write_file, arguments: {path: 'link', content: x}}\n");
        rules.append("    - {tool: save_artifact, arguments: {path: 'nothing', name: '../../x'}}\n");
        rules.append("- then: {text: done}\n");
        space.create("Model", "trap", Manifest.scripted(rules.toString()));
        space.create("Agent", "trap", "model: trap\ninstructions: x\nlimits: {identicalCalls: 100}\nsandbox: {}\n");
        space.run("trap");
        var ended = space.awaitComplete("trap");
        assertTrue(Runs.phase(ended) == RunPhase.Succeeded, () -> Runs.describe(ended));
        var outcomes = new Lab(space, "trap").outcomes("trap");
        assertTrue(outcomes.size() == 1 + 2 * paths.size() + 3, () -> outcomes.toString());
        // A link is replaced by a file of the agent's own, or refused: what it led to stays as it is.
        outcomes.stream().skip(1).filter(o -> !o.tool().equals("write_file")).forEach(outcome -> {
            assertTrue(outcome.error(), outcome::toString);
            assertFalse(outcome.content().contains("root:"), outcome::content);
        });
        assertTrue(ended.getStatus().artifacts() == null
                || ended.getStatus().artifacts().isEmpty());
    }
}
