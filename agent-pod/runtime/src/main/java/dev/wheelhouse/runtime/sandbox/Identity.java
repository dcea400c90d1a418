package dev.wheelhouse.runtime.sandbox;

import java.net.InetAddress;

/** Finds out which pod a connection comes from. Thread-safe. */
@FunctionalInterface
interface Identity {
    /**
     * @param token what the other side showed; hostile
     * @param pod which pod it says it is; hostile
     * @param from its address
     * @throws NotAdmitted if it did not prove that it is that sandbox pod of this namespace
     */
    SandboxPod of(String token, String pod, InetAddress from) throws NotAdmitted;

    /** It did not prove who it is. The message may be told to it. */
    final class NotAdmitted extends Exception {
        NotAdmitted(String message) {
            super(message);
        }
    }
}
