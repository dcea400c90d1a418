package dev.wheelhouse.api.v1alpha1;

/** Protocol of a {@link Model}. */
public enum Provider {
    scripted,
    openai,
    anthropic
}
