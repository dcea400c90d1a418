package dev.wheelhouse.runtime.outbound;

/** A Secret key that cannot be used now. The message names Secret, key and the fix, never the value. */
public final class SecretUnavailable extends Exception {
    private final String secret;

    SecretUnavailable(String secret, String message) {
        super(message);
        this.secret = secret;
    }

    /** Name of the Secret, as in {@code Secret/<name>}. */
    public String secret() {
        return secret;
    }
}
