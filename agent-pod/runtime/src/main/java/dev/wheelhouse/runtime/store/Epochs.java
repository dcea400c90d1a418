package dev.wheelhouse.runtime.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;

/** Reads the one field that stores understand. Epochs never fall along a journal, so the last line tells the highest. */
final class Epochs {
    private static final JsonFactory JSON = new JsonFactory();

    private Epochs() {}

    /** Epoch of the last line, 0 for an empty journal or a line without one. */
    static long last(List<String> lines) {
        return lines.isEmpty() ? 0 : of(lines.getLast());
    }

    private static long of(String line) {
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return 0;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean epoch = parser.currentName().equals("epoch");
                JsonToken value = parser.nextToken();
                if (epoch && value == JsonToken.VALUE_NUMBER_INT) {
                    return parser.getLongValue();
                }
                parser.skipChildren();
            }
            return 0;
        } catch (IOException e) {
            // Not ours to judge: core refuses a line that it cannot read and says so.
            return 0;
        }
    }
}
