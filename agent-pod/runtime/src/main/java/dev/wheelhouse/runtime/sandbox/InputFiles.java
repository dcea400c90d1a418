package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.store.ApiPermits;
import dev.wheelhouse.runtime.store.Failures;
import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Puts the run's files into a pod before its first command. The daemon's ledger sees to it that each is put once per pod,
 * whichever process sends it: what the agent changed since stays. A kept workspace has a mark that it has them.
 */
final class InputFiles {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int CHUNK = 512 * 1024;
    private static final int REMEMBERED = 4096;
    private static final String MARK = "/workspace/.wheelhouse/files-";

    private final KubernetesClient client;
    private final ApiPermits permits;
    private final CallInPod calls;
    /** Runs and pods that are done, so that a command need not ask again. */
    private final Set<String> done = new LinkedHashSet<>();

    private final Turns turns = new Turns();

    InputFiles(KubernetesClient client, ApiPermits permits, CallInPod calls) {
        this.client = client;
        this.permits = permits;
        this.calls = calls;
    }

    /** They are not there. The message is for the model. */
    static final class NotPut extends Exception {
        NotPut(String message) {
            super(message);
        }
    }

    void put(RunId run, SandboxBinding need, SandboxPlace place) throws NotPut, InterruptedException {
        String id = Canonical.sha256((run.uid() + "\nfiles\n" + place.podUid()).getBytes(StandardCharsets.UTF_8));
        if (!need.files().isEmpty() && !isDone(id)) {
            // Calls of a run begin at the same time, and an answer of the daemon goes to one of those who wait for it.
            turns.<Void, NotPut>take(id, () -> {
                putNow(run, need, place, id);
                return null;
            });
        }
    }

    private void putNow(RunId run, SandboxBinding need, SandboxPlace place, String id)
            throws NotPut, InterruptedException {
        if (isDone(id)) {
            return;
        }
        String mark = MARK + run.uid();
        if (need.keepsWorkspace() && there(run, place, id + "-look", mark)) {
            isDoneNow(id);
            return;
        }
        int number = 0;
        for (RunSpec.InputFile file : need.files()) {
            upload(run, place, id + "-" + number++, file.path(), content(run, file));
        }
        if (need.keepsWorkspace()) {
            upload(run, place, id + "-mark", mark, new byte[0]);
        }
        isDoneNow(id);
    }

    private boolean isDone(String id) {
        synchronized (done) {
            return done.contains(id);
        }
    }

    private void isDoneNow(String id) {
        synchronized (done) {
            done.add(id);
            if (done.size() > REMEMBERED) {
                done.remove(done.iterator().next());
            }
        }
    }

    private boolean there(RunId run, SandboxPlace place, String callId, String path)
            throws NotPut, InterruptedException {
        return ask(run, place, callId, new FileOp.Read(path, 0, 1)).error() == null;
    }

    /** All pieces of a file have one id: the daemon puts them together by it. */
    private void upload(RunId run, SandboxPlace place, String callId, String path, byte[] content)
            throws NotPut, InterruptedException {
        int offset = 0;
        do {
            int end = Math.min(content.length, offset + CHUNK);
            FileOp chunk =
                    new FileOp.Upload(path, offset, Arrays.copyOfRange(content, offset, end), end == content.length);
            Frame.FileDone answer = ask(run, place, callId, chunk);
            if (answer.error() != null) {
                throw new NotPut("File '" + path + "' of the run could not be put into the sandbox: "
                        + CommandText.cut(answer.error(), 500));
            }
            offset = end;
        } while (offset < content.length);
    }

    private Frame.FileDone ask(RunId run, SandboxPlace place, String callId, FileOp op)
            throws NotPut, InterruptedException {
        CallInPod.Outcome outcome = calls.perform(run, place, callId, new Frame.FileCall(callId, op), 0, LIMIT);
        if (outcome instanceof CallInPod.Outcome.Over(Frame.FileDone answer, byte[] _, byte[] _)) {
            return answer;
        }
        throw new NotPut("The files of the run could not be put into the sandbox: "
                + switch (outcome) {
                    case CallInPod.Outcome.Lost(var why) -> "it was lost, " + why;
                    case CallInPod.Outcome.Gone(var why) -> "it was lost, " + why;
                    default -> "no answer";
                });
    }

    private byte[] content(RunId run, RunSpec.InputFile file) throws NotPut {
        String name = file.configMap().name();
        String key = file.configMap().key();
        ConfigMap map;
        try {
            map = permits.call(() -> client.configMaps()
                    .inNamespace(run.namespace())
                    .withName(name)
                    .get());
        } catch (KubernetesClientException e) {
            throw new NotPut("ConfigMap '" + name + "' with a file of the run cannot be read: " + Failures.reason(e));
        }
        String text =
                map == null || map.getData() == null ? null : map.getData().get(key);
        if (text != null) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        String encoded = map == null || map.getBinaryData() == null
                ? null
                : map.getBinaryData().get(key);
        if (encoded == null) {
            throw new NotPut("ConfigMap '" + name + "' has no key '" + key
                    + "' any more, from which a file of the run was to come; create it again");
        }
        return Base64.getDecoder().decode(encoded);
    }
}
