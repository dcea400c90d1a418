package dev.wheelhouse.operator.domain.sandbox;

import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import java.time.Instant;

/**
 * A sandbox pod as the operator sees it, which may be older than the truth.
 *
 * @param uid empty while its creation is on its way
 * @param version resource version
 * @param key whose it is; empty while nobody has it
 * @param shape digest of image, resources and runtimeClass
 * @param after UID of the pod that it replaced, or empty
 * @param shared whether it is no single run's: it stays until it has been idle for long enough, and stops by itself
 * @param created for the age of warm ones
 * @param claim by which it was taken from the warm ones, until its labels say so too; else null
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
        Instant created,
        SandboxClaim claim) {

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

    boolean taken() {
        return !key.isEmpty();
    }

    /** The same, when there is this claim of it. */
    public SandboxView with(SandboxClaim by) {
        return by == null || taken() || !by.podUid().equals(uid)
                ? this
                : new SandboxView(
                        namespace, name, uid, version, by.key(), shape, by.after(), life, by.nobody(), created, by);
    }

    /** The same, when its labels tell of its claim. */
    public SandboxView adopted() {
        return new SandboxView(namespace, name, uid, version, key, shape, after, life, shared, created, null);
    }

    /** The same, being deleted. */
    public SandboxView going() {
        return new SandboxView(namespace, name, uid, version, key, shape, after, Life.GOING, shared, created, claim);
    }
}
