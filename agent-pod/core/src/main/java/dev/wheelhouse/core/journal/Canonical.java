package dev.wheelhouse.core.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.erdtman.jcs.JsonCanonicalizer;

/**
 * Canonical JSON (RFC 8785) and hashes over it. RFC 8785 knows only numbers that fit a double; any other number enters
 * as a string of its digits, so that two 64-bit ids that differ never share a hash.
 */
public final class Canonical {
    private Canonical() {}

    /** {@code sha256:hex} of the canonical form. */
    public static String digest(JsonNode node) {
        return "sha256:" + sha256(bytes(node));
    }

    /** {@code sha256:hex} of the text in UTF-8. */
    public static String digest(String text) {
        return "sha256:" + sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The canonical form. */
    public static String text(JsonNode node) {
        return new String(bytes(node), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(JsonNode node) {
        try {
            // The library takes only objects and arrays at the top.
            String wrapped = Json.write(JsonNodeFactory.instance.arrayNode().add(exact(node)));
            byte[] canonical = new JsonCanonicalizer(wrapped).getEncodedUTF8();
            return java.util.Arrays.copyOfRange(canonical, 1, canonical.length - 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode exact(JsonNode node) {
        if (isExact(node)) {
            return node;
        }
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode copy = JsonNodeFactory.instance.objectNode();
                object.properties().forEach(e -> copy.set(e.getKey(), exact(e.getValue())));
                yield copy;
            }
            case ArrayNode array -> {
                ArrayNode copy = JsonNodeFactory.instance.arrayNode();
                array.forEach(item -> copy.add(exact(item)));
                yield copy;
            }
            default -> new TextNode(node.asText());
        };
    }

    private static boolean isExact(JsonNode node) {
        if (!node.isContainerNode()) {
            return !node.isNumber() || fitsDouble(node);
        }
        for (JsonNode child : node) {
            if (!isExact(child)) {
                return false;
            }
        }
        return true;
    }

    private static boolean fitsDouble(JsonNode number) {
        double value = number.doubleValue();
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            return false;
        }
        if (number.isIntegralNumber()) {
            return Math.abs(value) <= 9007199254740991d;
        }
        // Decimals: what a double prints is what was written.
        return BigDecimal.valueOf(value).compareTo(number.decimalValue()) == 0;
    }

    /** Lower-case hex of the SHA-256 of the bytes. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
