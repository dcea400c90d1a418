package dev.wheelhouse.operator.domain.sandbox;

import dev.wheelhouse.api.v1alpha1.SandboxScope;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.operator.domain.RunId;
import java.util.Objects;

/**
 * An unfinished run that wants a sandbox.
 *
 * @param agent name of its agent
 * @param waiting whether it waits for something other than the sandbox itself
 * @param wanted what its runtime asked for
 * @param inUse UID of the pod that its commands go to, or empty
 */
public record Claimant(RunId run, String agent, boolean waiting, SandboxState.Request wanted, String inUse) {
    /** Key of the sandbox it wants. */
    public String key() {
        return wanted.key();
    }

    /** UID of the pod that it lost, or empty. */
    public String after() {
        return Objects.requireNonNullElse(wanted.after(), "");
    }

    /** Whether others may use the same sandbox. */
    public boolean shared() {
        return wanted.scope() != null && wanted.scope() != SandboxScope.Run;
    }

    /** Whether the sandbox must be there now. */
    public boolean holds() {
        return !waiting || Boolean.TRUE.equals(wanted.keepWhileWaiting());
    }

    /** Whether its workspace outlives the pod. */
    public boolean keepsWorkspace() {
        return wanted.workspace() != null
                && Boolean.TRUE.equals(wanted.workspace().keep());
    }
}
