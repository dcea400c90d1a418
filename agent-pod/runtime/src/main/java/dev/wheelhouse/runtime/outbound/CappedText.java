package dev.wheelhouse.runtime.outbound;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.UnaryOperator;

/**
 * Text of unknown length, kept up to a limit. What is cut is named: how much, and the digest of the whole.
 *
 * @param cut whether the text ends with a marker in place of its rest
 */
public record CappedText(String text, boolean cut) {
    /** Bytes after which reading stops even for the digest: a body may be endless. */
    public static final long MAX_READ = 64L * 1024 * 1024;

    /** Cuts a text that is already in memory. */
    public static CappedText of(String text, int maxBytes) {
        byte[] bytes = WellFormed.text(text).getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= maxBytes) {
            return new CappedText(WellFormed.text(text), false);
        }
        MessageDigest digest = sha256();
        digest.update(bytes);
        return new CappedText(
                decode(Arrays.copyOf(bytes, maxBytes), StandardCharsets.UTF_8, true)
                        + marker(maxBytes, bytes.length, false, digest),
                true);
    }

    /** Reads a body to its end, or to {@link #MAX_READ}, and keeps the first {@code maxBytes} of it. */
    public static CappedText read(InputStream body, Charset charset, int maxBytes) throws IOException {
        MessageDigest digest = sha256();
        byte[] kept = body.readNBytes(maxBytes);
        digest.update(kept);
        long total = kept.length;
        byte[] buffer = new byte[64 * 1024];
        int n = 0;
        while (total < MAX_READ && (n = body.read(buffer)) >= 0) {
            digest.update(buffer, 0, n);
            total += n;
        }
        boolean cut = total > kept.length;
        String text = decode(kept, charset, cut);
        return new CappedText(cut ? text + marker(kept.length, total, n >= 0, digest) : text, cut);
    }

    /** The same with its text changed. */
    public CappedText with(UnaryOperator<String> change) {
        return new CappedText(change.apply(text), cut);
    }

    private static String marker(int kept, long total, boolean more, MessageDigest digest) {
        return " … [cut: " + kept + " of " + (more ? "more than " : "") + total + " bytes, sha256:"
                + HexFormat.of().formatHex(digest.digest()) + (more ? " of what was read" : "") + "]";
    }

    private static String decode(byte[] bytes, Charset charset, boolean cut) {
        String text = new String(bytes, charset);
        // A cut may have split the last character; one replacement character at the end is an artefact of ours.
        return cut && text.endsWith("\uFFFD") ? text.substring(0, text.length() - 1) : text;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
