package dev.wheelhouse.sandbox.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes the fields of a frame; no length in it makes this allocate more than the frame has bytes. */
final class FieldReader {
    private final ByteBuffer in;

    FieldReader(byte[] frame) {
        in = ByteBuffer.wrap(frame);
    }

    /** How the items of a list are read. */
    interface Item<T> {
        T read() throws WireException;
    }

    int int8() throws WireException {
        need(1);
        return in.get() & 0xff;
    }

    boolean bool() throws WireException {
        var value = int8();
        if (value > 1) {
            throw new WireException("neither true nor false: " + value);
        }
        return value == 1;
    }

    int int32() throws WireException {
        need(Integer.BYTES);
        return in.getInt();
    }

    long int64() throws WireException {
        need(Long.BYTES);
        return in.getLong();
    }

    byte[] bytes() throws WireException {
        var length = int32();
        if (length == -1) {
            return null;
        }
        need(length);
        var value = new byte[length];
        in.get(value);
        return value;
    }

    byte[] someBytes() throws WireException {
        return present(bytes());
    }

    /** A text that may be null. */
    String text() throws WireException {
        var value = bytes();
        if (value == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(value))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WireException("a text that is no UTF-8");
        }
    }

    String someText() throws WireException {
        return present(text());
    }

    /** A list whose items take at least {@code smallest} bytes each. */
    <T> List<T> list(int smallest, Item<T> item) throws WireException {
        var count = count(smallest);
        var values = new ArrayList<T>(count);
        for (var i = 0; i < count; i++) {
            values.add(item.read());
        }
        return List.copyOf(values);
    }

    Map<String, String> texts() throws WireException {
        var count = count(2 * Integer.BYTES);
        var values = new LinkedHashMap<String, String>();
        for (var i = 0; i < count; i++) {
            values.put(someText(), text());
        }
        return Collections.unmodifiableMap(values);
    }

    void end() throws WireException {
        if (in.hasRemaining()) {
            throw new WireException(in.remaining() + " bytes too many");
        }
    }

    private int count(int smallest) throws WireException {
        var count = int32();
        if (count < 0 || (long) count * smallest > in.remaining()) {
            throw new WireException("a list of " + count + " items, with " + in.remaining() + " bytes left");
        }
        return count;
    }

    private void need(int bytes) throws WireException {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new WireException("a field of " + bytes + " bytes, with " + in.remaining() + " left");
        }
    }

    private static <T> T present(T value) throws WireException {
        if (value == null) {
            throw new WireException("a field is missing");
        }
        return value;
    }
}
