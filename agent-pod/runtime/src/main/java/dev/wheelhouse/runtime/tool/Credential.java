package dev.wheelhouse.runtime.tool;

import dev.wheelhouse.api.v1alpha1.ToolServerSpec;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import dev.wheelhouse.runtime.outbound.SecretValue;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The credential of one call, if the ToolServer names one. Lives as long as the call. */
record Credential(ToolServerSpec.AuthHeader header, Optional<SecretValue> secret) {
    static Credential of(ToolServerSpec.AuthHeader header, SecretFiles secrets) throws SecretUnavailable {
        return header == null
                ? new Credential(null, Optional.empty())
                : new Credential(header, Optional.of(secrets.read(header.secret())));
    }

    void putInto(BiConsumer<String, String> headers) {
        secret.ifPresent(value ->
                headers.accept(header.header(), (header.prefix() == null ? "" : header.prefix()) + value.reveal()));
    }

    /** Servers echo what they were sent; the journal and the model must not see it. */
    String mask(String text) {
        return secret.map(value -> value.maskIn(text)).orElse(text);
    }

    @Override
    public String toString() {
        return secret.map(SecretValue::toString).orElse("none");
    }
}
