/**
 * {@code kubectl wheelhouse}: what a person wants to see of a run. It reads Runs and journals with the caller's own
 * rights and writes nothing but {@code spec.cancel}. Everything that a model, a tool or a person wrote is hostile to the
 * terminal and goes through {@link dev.wheelhouse.plugin.SafeText}.
 */
package dev.wheelhouse.plugin;
