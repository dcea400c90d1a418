package dev.wheelhouse.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far this machine's clock is ahead of the API server's: Schedules start by this one, ages are told by that one. */
public final class ClockSkew {
    private static final Logger LOG = LoggerFactory.getLogger(ClockSkew.class);
    private static final long VALID_NANOS = Duration.ofSeconds(60).toNanos();
    private static final int TIMEOUT_SECONDS = 2;
    /** The header tells whole seconds: on average it is half a second old. */
    private static final double ROUNDING = 0.5;

    private final KubernetesClient client;
    private final Supplier<Instant> now;
    private final LongSupplier nanoTime;
    private double seconds = Double.NaN;
    private Long at;

    public ClockSkew(KubernetesClient client, Supplier<Instant> now, LongSupplier nanoTime) {
        this.client = client;
        this.now = now;
        this.nanoTime = nanoTime;
    }

    /** Seconds ahead, to about a second; not a number while it is not known. Asks at most once a minute. */
    public synchronized double seconds() {
        long time = nanoTime.getAsLong();
        if (at == null || time - at >= VALID_NANOS) {
            at = time;
            seconds = ask();
        }
        return seconds;
    }

    private double ask() {
        try {
            var http = client.getHttpClient();
            var request = http.newHttpRequestBuilder()
                    .uri(client.getMasterUrl().toURI().resolve("version"))
                    .build();
            HttpResponse<String> response =
                    http.sendAsync(request, String.class).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            return ahead(response.header("Date"), now.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Double.NaN;
        } catch (Exception e) {
            LOG.debug("The API server did not tell its time", e);
            return Double.NaN;
        }
    }

    /** Seconds that {@code now} is ahead of the header; not a number without one. */
    static double ahead(String header, Instant now) {
        if (header == null) {
            return Double.NaN;
        }
        Instant server = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
        return Duration.between(server, now).toMillis() / 1000.0 - ROUNDING;
    }
}
