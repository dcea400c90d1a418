package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.TokenUsage;
import dev.wheelhouse.runtime.outbound.WellFormed;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Bounds on what a provider may answer: an answer is input from outside, whoever the provider is. */
final class AnswerCaps {
    /** Bytes on the wire, framing of the stream included: some 300 for each token. */
    static final long WIRE_BYTES = 64L * 1024 * 1024;

    /** Bytes of one line of the stream, which is held in memory as a whole. */
    static final long LINE_BYTES = 4L * 1024 * 1024;

    static final int TEXT_CHARS = 512 * 1024;
    static final int CALLS = 128;
    static final int ARGUMENT_CHARS = 256 * 1024;
    static final int NAME_CHARS = 256;
    /** No model call counts more: larger numbers would overflow sums. */
    private static final long TOKENS = 1_000_000_000L;

    private static final ObjectMapper JSON = new ObjectMapper();

    private AnswerCaps() {}

    /** The answer within its bounds and storable as UTF-8, or a failure that says which bound it broke. */
    static ModelReply check(ModelReply reply) throws ModelException {
        if (reply.text().length() > TEXT_CHARS) {
            throw tooLarge("text of " + reply.text().length() + " characters", TEXT_CHARS);
        }
        if (reply.calls().size() > CALLS) {
            throw tooLarge(reply.calls().size() + " tool calls", CALLS);
        }
        for (ToolCall call : reply.calls()) {
            if (call.arguments().length() > ARGUMENT_CHARS) {
                throw tooLarge("arguments of " + call.arguments().length() + " characters", ARGUMENT_CHARS);
            }
            if (call.tool().isEmpty()
                    || call.tool().length() > NAME_CHARS
                    || call.id().length() > NAME_CHARS) {
                throw ProviderErrors.malformed("a tool call without a usable name or id");
            }
        }
        return wellFormed(reply);
    }

    private static ModelReply wellFormed(ModelReply reply) throws ModelException {
        List<ToolCall> calls = reply.calls().stream()
                .map(call -> new ToolCall(
                        WellFormed.text(call.id()), WellFormed.text(call.tool()), WellFormed.text(call.arguments())))
                .toList();
        return new ModelReply(
                WellFormed.text(reply.text()), calls, reply.usage(), reply.truncated(), wellFormed(reply.raw()));
    }

    private static JsonNode wellFormed(JsonNode raw) throws ModelException {
        String written = raw == null ? "" : raw.toString();
        String fixed = WellFormed.text(written);
        try {
            return fixed.equals(written) ? raw : JSON.readTree(fixed);
        } catch (JsonProcessingException e) {
            throw ProviderErrors.malformed("text that is not Unicode");
        }
    }

    /** Counts as reported, held to a sane range. */
    static TokenUsage usage(long input, long cached, long output) {
        long in = Math.clamp(input, 0, TOKENS);
        return new TokenUsage(in, Math.clamp(cached, 0, in), Math.clamp(output, 0, TOKENS));
    }

    private static ModelException tooLarge(String what, int limit) {
        return new ModelException(
                ModelException.Kind.REJECTED,
                "the provider's answer is too large: " + what + ", at most " + limit + " are accepted",
                null);
    }

    /** Collects streamed text, and gives up as soon as it is too much. */
    static void append(StringBuilder collected, String part) throws ModelException {
        if (collected.length() + part.length() > TEXT_CHARS) {
            throw tooLarge("a text of more than " + TEXT_CHARS + " characters", TEXT_CHARS);
        }
        collected.append(part);
    }

    /** A body that fails with {@link TooLarge} instead of going on for ever. */
    static InputStream bounded(InputStream body) {
        return new BoundedBody(body);
    }

    private static final class BoundedBody extends FilterInputStream {
        private long seen;
        private long line;

        BoundedBody(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            for (int i = offset; i < offset + n; i++) {
                line = buffer[i] == '\n' ? 0 : line + 1;
                if (line > LINE_BYTES) {
                    throw new TooLarge(LINE_BYTES + " bytes in one line");
                }
            }
            seen += Math.max(n, 0);
            if (seen > WIRE_BYTES) {
                throw new TooLarge(WIRE_BYTES + " bytes");
            }
            return n;
        }
    }

    /** More bytes than are read. */
    static final class TooLarge extends IOException {
        TooLarge(String limit) {
            super("the provider's answer is too large: more than " + limit);
        }
    }
}
