package dev.wheelhouse.runtime.model;

import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelException.Kind;
import dev.wheelhouse.runtime.outbound.WellFormed;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/** What a provider's failure means. Messages are safe for journal and status. */
final class ProviderErrors {
    private static final int MAX_DETAIL = 300;
    /** Longer waits are cut: a hostile header must not park a run for a year. */
    private static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

    private ProviderErrors() {}

    static Kind kindOf(int status) {
        return switch (status) {
            case 429 -> Kind.RATE_LIMITED;
            case 408 -> Kind.TIMEOUT;
            // 409: providers answer a lock that clears by itself with it.
            case 409, 425 -> Kind.SERVER_ERROR;
            default -> status >= 500 ? Kind.SERVER_ERROR : Kind.REJECTED;
        };
    }

    /**
     * @param detail the provider's words; hostile, may be null
     * @param retryAfter the header as it came; may be null
     */
    static ModelException status(int status, String detail, String retryAfter, Access access, Instant now) {
        String message = switch (status) {
            case 301, 302, 303, 307, 308 ->
                "the endpoint answered with a redirect (HTTP " + status + "), which is not followed because"
                        + " it could carry the credential elsewhere: set spec.endpoint of the Model to the"
                        + " final URL";
            // The provider's words on a bad key tend to quote parts of it.
            case 401, 403 -> "the provider refused the credential (HTTP " + status + "): check " + access;
            default -> "the provider answered with HTTP " + status + words(detail, access);
        };
        return new ModelException(kindOf(status), message, retryAfter(retryAfter, now));
    }

    static ModelException timeout(Duration limit) {
        return new ModelException(
                Kind.TIMEOUT,
                "no complete answer within " + limit.toSeconds() + " s (spec.timeoutSeconds of the Model)",
                null);
    }

    static ModelException malformed(String what) {
        return new ModelException(Kind.REJECTED, "the provider's answer is malformed: " + what, null);
    }

    static ModelException cut() {
        return new ModelException(Kind.SERVER_ERROR, "the answer's stream ended before the answer was complete", null);
    }

    static ModelException refused(String words, Access access) {
        return new ModelException(Kind.REJECTED, "the model refused to answer" + words(words, access), null);
    }

    static ModelException unreachable(Throwable cause) {
        // The class says enough; messages of network exceptions may quote what was sent.
        return new ModelException(
                Kind.SERVER_ERROR,
                "the endpoint could not be reached or broke off ("
                        + cause.getClass().getSimpleName() + ")",
                null);
    }

    static String words(String detail, Access access) {
        if (detail == null || detail.isBlank()) {
            return "";
        }
        String clean = access.mask(WellFormed.text(detail)).replaceAll("[\\p{Cntrl}\\s]+", " ");
        return ": " + (clean.length() <= MAX_DETAIL ? clean : clean.substring(0, MAX_DETAIL) + "…");
    }

    /** Both forms of RFC 9110: seconds, or a date. Null if absent, unreadable or negative. */
    static Duration retryAfter(String header, Instant now) {
        if (header == null) {
            return null;
        }
        Duration wait = header.strip().matches("\\d{1,9}(\\.\\d+)?")
                ? Duration.ofMillis((long) (Double.parseDouble(header.strip()) * 1000))
                : untilDate(header.strip(), now);
        if (wait == null || wait.isNegative()) {
            return null;
        }
        return wait.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : wait;
    }

    private static Duration untilDate(String header, Instant now) {
        try {
            return Duration.between(
                    now,
                    ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
