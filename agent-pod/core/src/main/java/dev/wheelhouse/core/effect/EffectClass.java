package dev.wheelhouse.core.effect;

/**
 * What may be done with a tool call whose intent is durable but whose outcome is not known. Ordered from harmless to
 * dangerous.
 */
public enum EffectClass {
    /** Changes nothing: call again. */
    READ_ONLY,
    /** Takes an idempotency key: call again with the same key. */
    IDEMPOTENT,
    /** Can be looked up by its key: look it up, call only if it did not happen. */
    RECONCILABLE,
    /** Never call again: the run becomes in doubt and a person decides. */
    AT_MOST_ONCE
}
