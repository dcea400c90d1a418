package dev.wheelhouse.runtime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.TokenUsage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bounds on what providers may say, and how long they may make a run wait. */
class ProviderLimitsTest {
    @Test
    void answersBeyondTheCapsAreTypedFailures() {
        List<ToolCall> many = new ArrayList<>();
        for (int i = 0; i <= AnswerCaps.CALLS; i++) {
            many.add(new ToolCall("c" + i, "t", "{}"));
        }
        assertThrows(ModelException.class, () -> AnswerCaps.check(reply("", many)));
        assertThrows(
                ModelException.class, () -> AnswerCaps.check(reply("x".repeat(AnswerCaps.TEXT_CHARS + 1), List.of())));
        assertThrows(
                ModelException.class,
                () -> AnswerCaps.check(reply(
                        "", List.of(new ToolCall("c", "t", "x".repeat(AnswerCaps.ARGUMENT_CHARS + 1))))));
        assertEquals(0, AnswerCaps.usage(-5, 3, Long.MIN_VALUE).total());
    }

    private static ModelReply reply(String text, List<ToolCall> calls) {
        return new ModelReply(text, calls, TokenUsage.NONE, null);
    }

    @Test
    void retryAfterInBothForms() {
        Instant now = Instant.parse("2026-11-24T10:00:00Z");
        assertEquals(Duration.ofSeconds(120), ProviderErrors.retryAfter("120", now));
        assertEquals(Duration.ofMillis(1500), ProviderErrors.retryAfter(" 1.5 ", now));
        assertEquals(Duration.ofSeconds(30), ProviderErrors.retryAfter("Tue, 24 Nov 2026 10:00:30 GMT", now));
        assertNull(ProviderErrors.retryAfter("Tue, 24 Nov 2026 09:00:00 GMT", now), "past");
        assertEquals(Duration.ofHours(1), ProviderErrors.retryAfter("99999999", now), "capped");
        assertNull(ProviderErrors.retryAfter("soon", now));
        assertNull(ProviderErrors.retryAfter("-1", now));
        assertNull(ProviderErrors.retryAfter(null, now));
    }

    @Test
    void textWithoutUnicodeMeaningIsReplaced() throws Exception {
        ModelReply fixed = AnswerCaps.check(new ModelReply(
                "a\ud800b",
                List.of(new ToolCall("c", "t", "\udc00")),
                TokenUsage.NONE,
                Requests.json("{'x':'\ud83d!'}")));
        assertEquals("a\ufffdb", fixed.text());
        assertEquals("\ufffd", fixed.calls().getFirst().arguments());
        assertEquals("\ufffd!", fixed.raw().path("x").asText());
    }

    @Test
    void oneEndlessLineIsNotHeldInMemory() {
        InputStream endless = AnswerCaps.bounded(new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        });
        assertThrows(AnswerCaps.TooLarge.class, endless::readAllBytes);
    }

    @Test
    void bytesPassUnchanged() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        InputStream one = AnswerCaps.bounded(new ByteArrayInputStream(all));
        for (int i = 0; i < all.length; i++) {
            assertEquals(i, one.read());
        }
        assertEquals(-1, one.read());
    }
}
