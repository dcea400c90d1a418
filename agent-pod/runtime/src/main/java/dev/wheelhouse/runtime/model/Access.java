package dev.wheelhouse.runtime.model;

import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import dev.wheelhouse.runtime.outbound.SecretValue;
import java.util.Optional;

/** The credential of one call, if the Model names one. Lives as long as the call. */
record Access(Optional<SecretValue> secret) {
    static Access of(SecretKey ref, SecretFiles secrets) throws ModelException {
        if (ref == null) {
            return new Access(Optional.empty());
        }
        try {
            return new Access(Optional.of(secrets.read(ref)));
        } catch (SecretUnavailable e) {
            throw new ModelException(ModelException.Kind.NO_CREDENTIAL, e.getMessage(), null);
        }
    }

    String mask(String text) {
        return secret.map(value -> value.maskIn(text)).orElse(text);
    }

    @Override
    public String toString() {
        return secret.map(SecretValue::toString).orElse("spec.secret of the Model, which names no Secret");
    }
}
