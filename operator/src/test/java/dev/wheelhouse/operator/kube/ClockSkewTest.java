package dev.wheelhouse.operator.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ClockSkewTest {
    @Test
    void itIsTheDifferenceToTheServersClock() {
        String header = "Tue, 24 Nov 2026 08:00:00 GMT";
        assertEquals(0, ClockSkew.ahead(header, Instant.parse("2026-11-24T08:00:00.500Z")));
        assertEquals(-60.5, ClockSkew.ahead(header, Instant.parse("2026-11-24T07:59:00Z")));
        assertTrue(Double.isNaN(ClockSkew.ahead(null, Instant.EPOCH)));
    }
}
