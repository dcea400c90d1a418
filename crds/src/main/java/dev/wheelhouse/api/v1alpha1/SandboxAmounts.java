package dev.wheelhouse.api.v1alpha1;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;

/**
 * Resources as numbers, so that {@code 1} and {@code 1000m} are the same.
 *
 * @param cpuMillis thousandths of a CPU, rounded up
 * @param memoryMi mebibytes
 * @param diskMi mebibytes
 */
public record SandboxAmounts(long cpuMillis, long memoryMi, long diskMi) {
    private static final SandboxResources DEFAULT = SandboxDefaults.RESOURCES;

    private static final int THOUSAND = 1000;
    private static final int KIBI = 1024;
    /** A size that no machine has; more digits than that are no quantity. */
    private static final int DIGITS = 15;

    /**
     * Reads them; what is absent has its default.
     *
     * @throws IllegalArgumentException if something is no quantity
     */
    public static SandboxAmounts of(SandboxResources resources) {
        SandboxResources r = Objects.requireNonNullElse(resources, DEFAULT);
        return new SandboxAmounts(
                cpu(Objects.requireNonNullElse(r.cpu(), DEFAULT.cpu())),
                mebibytes(Objects.requireNonNullElse(r.memory(), DEFAULT.memory())),
                mebibytes(Objects.requireNonNullElse(r.disk(), DEFAULT.disk())));
    }

    private static long cpu(String text) {
        boolean millis = text.endsWith("m");
        String number = millis ? text.substring(0, text.length() - 1) : text;
        if (!number.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            throw new IllegalArgumentException("'" + text + "' is no quantity of CPU");
        }
        BigDecimal value = new BigDecimal(number);
        return (millis ? value : value.multiply(BigDecimal.valueOf(THOUSAND)))
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }

    /** Mebibytes of a quantity that ends with Mi or Gi. */
    public static long mebibytes(String text) {
        String number = text.length() < 2 ? "" : text.substring(0, text.length() - 2);
        if (!text.matches("[0-9]+(Mi|Gi)") || number.length() > DIGITS) {
            throw new IllegalArgumentException("'" + text + "' is no quantity that ends with Mi or Gi");
        }
        long value = Long.parseLong(number);
        return text.endsWith("Gi") ? value * KIBI : value;
    }

    /** CPU as a Kubernetes quantity. */
    public String cpu() {
        return cpuMillis + "m";
    }

    /** Memory as a Kubernetes quantity. */
    public String memory() {
        return memoryMi + "Mi";
    }

    /** Ephemeral storage as a Kubernetes quantity. */
    public String disk() {
        return diskMi + "Mi";
    }
}
