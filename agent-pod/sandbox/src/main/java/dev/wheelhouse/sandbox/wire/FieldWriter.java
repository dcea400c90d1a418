package dev.wheelhouse.sandbox.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Puts the fields of a frame one after another. */
final class FieldWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    FieldWriter int8(int value) {
        out.write(value);
        return this;
    }

    FieldWriter bool(boolean value) {
        return int8(value ? 1 : 0);
    }

    FieldWriter int32(int value) {
        return int8(value >> 24).int8(value >> 16).int8(value >> 8).int8(value);
    }

    FieldWriter int64(long value) {
        return int32((int) (value >> 32)).int32((int) value);
    }

    FieldWriter bytes(byte[] value) {
        if (value == null) {
            return int32(-1);
        }
        int32(value.length);
        out.write(value, 0, value.length);
        return this;
    }

    FieldWriter text(String value) {
        return bytes(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    <T> FieldWriter list(List<T> values, Consumer<T> item) {
        int32(values.size());
        values.forEach(item);
        return this;
    }

    FieldWriter texts(Map<String, String> values) {
        int32(values.size());
        values.forEach((key, value) -> text(key).text(value));
        return this;
    }

    byte[] done() {
        return out.toByteArray();
    }
}
