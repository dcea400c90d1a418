package dev.wheelhouse.operator.domain.sandbox;

import java.time.Instant;

/**
 * A sandbox pod as the operator sees it, which may be older than the truth.
 *
 * @param uid empty while its creation is on its way
 * @param version resource version; a claim is locked on it
 * @param key whose it is; empty while unclaimed
 * @param shape digest of image, resources and runtimeClass
 * @param after UID of the pod that it replaced, or empty
 * @param shared whether it is no single run's: it stays until it has been idle for long enough, and stops by itself
 * @param created for the age of warm ones
 */
public record SandboxView(
        String namespace,
        String name,
        String uid,
        String version,
        String key,
        String shape,
        String after,
        Life life,
        boolean shared,
        Instant created) {

    /** Where it is in its life. */
    public enum Life {
        STARTING,
        RUNNING,
        /** Succeeded or failed; it does not come back. */
        ENDED,
        /** Being deleted; it may still execute for some seconds. */
        GOING
    }

    /** Whether it executes, or will. */
    public boolean live() {
        return life == Life.STARTING || life == Life.RUNNING;
    }

    boolean claimed() {
        return !key.isEmpty();
    }

    /** The same, claimed for this key. */
    public SandboxView claimedFor(String key, String after, boolean shared) {
        return new SandboxView(namespace, name, uid, version, key, shape, after, life, shared, created);
    }

    /** The same, being deleted. */
    public SandboxView going() {
        return new SandboxView(namespace, name, uid, version, key, shape, after, Life.GOING, shared, created);
    }
}
