package dev.wheelhouse.e2e;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.core.journal.Entry;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/**
 * An agent whose model does just what the run's input says, in a sandbox: Python, or a shell command if it begins with
 * {@code #sh}. Then it says in its own sandbox that it is alive, and answers with what the first command told.
 */
record Lab(Space space, String agent) {
    /**
     * What a hostile program begins with: {@code attempt} prints HELD if nothing came of something, and ESCAPED with
     * what came of it. A target that refuses a connection was reached: a packet came back.
     */
    private static final String PRELUDE = """
        import ctypes, errno, os, socket, struct, sys
        def attempt(name, f):
            try:
                r = f()
            except BaseException as e:
                print('HELD', name, repr(e))
            else:
                print('HELD' if r is None else 'ESCAPED', name, repr(r)[:300])
        def tcp(host, port, family=socket.AF_INET, seconds=1.5):
            s = socket.socket(family, socket.SOCK_STREAM)
            s.settimeout(seconds)
            try:
                s.connect((host, port))
            except ConnectionRefusedError:
                return 'refused by the target'
            return 'connected'
        def udp(host, port, data, family=socket.AF_INET):
            s = socket.socket(family, socket.SOCK_DGRAM)
            s.settimeout(1.5)
            s.sendto(data, (host, port))
            return s.recv(2000)
        def syscall(number, *arguments):
            libc = ctypes.CDLL(None, use_errno=True)
            r = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
            if r == -1:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            return r
        def write(path):
            with open(path, 'a') as f:
                f.write('x')
            return 'written'
        """;

    /** @param sandbox spec.sandbox of the Agent, as YAML in flow style */
    static Lab open(Space space, String agent, String sandbox) {
        space.create("Model", agent, Manifest.scripted("""
            - when: {step: 1, input: '^#sh'}
              then: {calls: [{tool: shell, arguments: {command: '{{input}}', timeoutSeconds: 150}}]}
            - when: {step: 1}
              then: {calls: [{tool: python, arguments: {code: '{{input}}', timeoutSeconds: 150}}]}
            - when: {step: 2}
              then: {calls: [{tool: shell, arguments: {command: 'echo I am alive'}}]}
            - then: {text: done}
            """));
        space.create("Agent", agent, "model: " + agent + "\ninstructions: x\nsandbox: " + sandbox + "\n");
        return new Lab(space, agent);
    }

    /** Starts a run. */
    Lab start(String run, String input) {
        space.run(run, agent, Serialization.asJson(input), "");
        return this;
    }

    /** Runs Python, with the means of a hostile program at hand; what it printed. */
    String python(String run, String code) {
        return start(run, PRELUDE + code).told(run);
    }

    /** Runs a shell command; what the tool answered. */
    String shell(String run, String command) {
        return start(run, "#sh\n" + command).told(run);
    }

    /** What the run's first command told, once the run has ended. */
    String told(String run) {
        Run ended = space.awaitComplete(run);
        List<Entry.ToolOutcome> outcomes = outcomes(run);
        if (outcomes.size() != 2 || !outcomes.getLast().content().contains("I am alive")) {
            throw new AssertionError("no command works after the first one: " + outcomes + Runs.describe(ended));
        }
        return outcomes.getFirst().content();
    }

    List<Entry.ToolOutcome> outcomes(String run) {
        return new Journal(space, run).entries(Entry.ToolOutcome.class);
    }

    /** Sandbox pods of the namespace. */
    static List<Pod> pods(Space space) {
        return Cluster.client()
                .pods()
                .inNamespace(space.name())
                .withLabel(Api.LABEL_ROLE, "sandbox")
                .list()
                .getItems();
    }

    /** The pod in which the run's commands ran last. */
    Pod pod(String run) {
        return Cluster.client()
                .pods()
                .inNamespace(space.name())
                .withName(space.get(run).getStatus().sandbox().pod())
                .get();
    }
}
