package dev.wheelhouse.runtime.pin;

import dev.wheelhouse.api.v1alpha1.EffectClass;
import dev.wheelhouse.core.drive.Pinning;

/** Which effect class holds for a tool of an agent. */
final class Effects {
    private Effects() {}

    /**
     * The agent's, which may only be stricter than what the ToolServer declares.
     *
     * @param lookup whether a call can be looked up, without which {@code reconcilable} means nothing
     * @throws Pinning.Refused if it is weaker, or needs a lookup that is not there
     */
    static dev.wheelhouse.core.effect.EffectClass of(
            EffectClass declared, EffectClass chosen, boolean lookup, String tool, String server)
            throws Pinning.Refused {
        EffectClass ofServer = declared == null ? EffectClass.atMostOnce : declared;
        EffectClass effect = chosen == null ? ofServer : chosen;
        if (effect.compareTo(ofServer) < 0) {
            throw new Pinning.Refused("AgentInvalid: tool '" + tool + "' is declared " + ofServer + " by ToolServer '"
                    + server + "', and the Agent says " + effect + ", which is weaker; an Agent can only be stricter");
        }
        if (effect == EffectClass.reconcilable && !lookup) {
            throw new Pinning.Refused("AgentInvalid: tool '" + tool + "' of ToolServer '" + server
                    + "' cannot be looked up, so it cannot be reconcilable; use idempotent or atMostOnce");
        }
        return switch (effect) {
            case readOnly -> dev.wheelhouse.core.effect.EffectClass.READ_ONLY;
            case idempotent -> dev.wheelhouse.core.effect.EffectClass.IDEMPOTENT;
            case reconcilable -> dev.wheelhouse.core.effect.EffectClass.RECONCILABLE;
            case atMostOnce -> dev.wheelhouse.core.effect.EffectClass.AT_MOST_ONCE;
        };
    }
}
