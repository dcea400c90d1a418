package dev.wheelhouse.operator.domain.sandbox;

/** Something to do about the sandboxes of a namespace. */
public sealed interface SandboxAction {
    /** A pod is made for this run's key. */
    record Create(Claimant claimant) implements SandboxAction {}

    /** This pod, which a run took from the warm ones, gets the labels, the owner and the life of that run's. */
    record Adopt(SandboxView pod) implements SandboxAction {}

    /** The pod goes. */
    record Delete(SandboxView pod, Cause cause) implements SandboxAction {}

    /** One more warm pod is made. */
    record Replenish(Warm warm) implements SandboxAction {}

    /** The run gets no sandbox, for this reason. */
    record Refuse(Claimant claimant, String reason) implements SandboxAction {}

    /** Why a pod goes. */
    enum Cause {
        /** It has ended, and no run needs to know any more. */
        ENDED,
        /** Its run has it replaced. */
        SUPERSEDED,
        /** Another one of the same key stays. */
        DUPLICATE,
        /** No run needs it now. A run that has just appeared may not be visible yet, so this one can wait a moment. */
        UNWANTED,
        /** A warm one that is too old, of another shape, or one too many. */
        SURPLUS
    }
}
