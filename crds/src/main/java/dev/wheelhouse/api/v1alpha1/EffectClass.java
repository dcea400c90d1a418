package dev.wheelhouse.api.v1alpha1;

/**
 * What a call of a tool does to the world, and so what may be done with a call whose outcome is not known after a
 * crash. Spelled in lower camel case, as in the design.
 */
public enum EffectClass {
    /** Changes nothing: it is simply called again. */
    readOnly,
    /** Takes an idempotency key: it is called again with the same key. */
    idempotent,
    /** Can be looked up: it is looked up first, and called only if it did not happen. */
    reconcilable,
    /** Anything else: it is never called twice; a person decides. */
    atMostOnce
}
