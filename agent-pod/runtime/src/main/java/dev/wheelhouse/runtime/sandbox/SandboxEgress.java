package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.core.effect.ToolInvocation;
import java.io.IOException;
import java.net.Socket;

/** What is behind the egress of sandboxes. Thread-safe. */
interface SandboxEgress {
    /** The certificate, as PEM, that commands in this sandbox must trust. */
    String authority(SandboxPod pod);

    /**
     * A command begins in this pod: until the returned handle is run, what leaves the pod is held to its rules and
     * recorded in its run's journal. The handle cuts what still goes on and waits a moment for its end to be recorded.
     */
    Runnable open(String podUid, String pod, ToolInvocation call, SandboxBinding need);

    /** Serves one connection until it is over. */
    void serve(Socket socket, Session session) throws IOException, InterruptedException;
}
