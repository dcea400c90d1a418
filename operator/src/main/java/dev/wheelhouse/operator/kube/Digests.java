package dev.wheelhouse.operator.kube;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Deterministic names. */
final class Digests {
    private static final int MAX_PREFIX = 200;
    private static final int HEX = 16;

    private Digests() {}

    /** {@code <prefix>.<first 16 hex of the SHA-256 of what>}. */
    static String name(String prefix, String what) {
        String cut = prefix.length() <= MAX_PREFIX ? prefix : prefix.substring(0, MAX_PREFIX);
        return cut + "." + hex(what).substring(0, HEX);
    }

    static String hex(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
