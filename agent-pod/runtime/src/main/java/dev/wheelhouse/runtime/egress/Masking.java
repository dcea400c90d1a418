package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.runtime.outbound.SecretValue;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds a credential in what a host answers, in the forms in which hosts repeat what they were sent, and writes stars in
 * its place: as many bytes as before, so that lengths stay true. It finds it wherever a stream is cut. A host that wants
 * to give its credential away can encode it otherwise; it could also just publish it.
 */
final class Masking {
    static final Masking NONE = new Masking(List.of());

    /** Shorter texts occur by chance. */
    static final int SHORTEST = 6;

    private final List<byte[]> patterns;
    private final List<int[]> fallbacks;
    /** Whether a pattern begins with a byte: most do not, and need no closer look while nothing is matched. */
    private final boolean[] begins = new boolean[256];

    private Masking(Collection<String> texts) {
        patterns = texts.stream()
                .filter(text -> text.length() >= SHORTEST)
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        fallbacks = patterns.stream().map(Masking::fallback).toList();
        patterns.forEach(pattern -> begins[pattern[0] & 0xff] = true);
    }

    /** @param prefix what stands before the value in its header, or null */
    static Masking of(SecretValue secret, String prefix) {
        Set<String> texts = new LinkedHashSet<>();
        addForms(texts, secret.reveal());
        if (prefix != null && prefix.strip().equalsIgnoreCase("Basic")) {
            addDecoded(texts, secret.reveal());
        }
        return new Masking(texts);
    }

    private static void addDecoded(Set<String> texts, String value) {
        try {
            String pair = new String(Base64.getDecoder().decode(value), StandardCharsets.ISO_8859_1);
            addForms(texts, pair);
            addForms(texts, pair.substring(pair.indexOf(':') + 1));
        } catch (IllegalArgumentException e) {
            // Not what Basic asks for; then no host can decode it either.
        }
    }

    private static void addForms(Set<String> texts, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        texts.add(value);
        String url = URLEncoder.encode(value, StandardCharsets.ISO_8859_1);
        for (String one : List.of(url, url.replace("+", "%20"))) {
            texts.add(one);
            texts.add(lowerEscapes(one));
        }
        String json = value.replace("\\", "\\\\").replace("\"", "\\\"");
        texts.add(json);
        texts.add(json.replace("/", "\\/"));
        texts.add(value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;"));
        // UTF-16, either way round.
        texts.add(String.join("\0", value.split("")));
        texts.add(HexFormat.of().formatHex(bytes));
        texts.add(HexFormat.of().withUpperCase().formatHex(bytes));
        for (int shift = 0; shift < 3; shift++) {
            String base64 = base64(bytes, shift);
            texts.add(base64);
            texts.add(base64.replace('+', '-').replace('/', '_'));
        }
    }

    private static String lowerEscapes(String url) {
        StringBuilder lower = new StringBuilder(url);
        for (int i = 0; i + 2 < lower.length(); i++) {
            if (lower.charAt(i) == '%') {
                lower.replace(i, i + 3, lower.substring(i, i + 3).toLowerCase(Locale.ROOT));
            }
        }
        return lower.toString();
    }

    /** The characters that the bytes determine when they stand so many bytes after the beginning of a group of three. */
    private static String base64(byte[] bytes, int shift) {
        byte[] shifted = new byte[shift + bytes.length];
        System.arraycopy(bytes, 0, shifted, shift, bytes.length);
        String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
        return text.substring(shift == 0 ? 0 : shift + 1, shifted.length * 8 / 6);
    }

    /** For each length of a partial match: the next shorter one that may go on in its place (Knuth, Morris, Pratt). */
    private static int[] fallback(byte[] pattern) {
        int[] shorter = new int[pattern.length + 1];
        int matched = 0;
        for (int i = 1; i < pattern.length; i++) {
            while (matched > 0 && pattern[i] != pattern[matched]) {
                matched = shorter[matched];
            }
            matched += pattern[i] == pattern[matched] ? 1 : 0;
            shorter[i + 1] = matched;
        }
        return shorter;
    }

    /** A text as a whole. */
    String mask(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        Stream stream = stream();
        byte[] begin = stream.next(bytes, bytes.length);
        byte[] end = stream.end();
        return new String(begin, StandardCharsets.ISO_8859_1) + new String(end, StandardCharsets.ISO_8859_1);
    }

    /** Something that comes in pieces. */
    Stream stream() {
        return new Stream();
    }

    /** Keeps back what may be the beginning of a credential. Not thread-safe. */
    final class Stream {
        private final int[] matched = new int[patterns.size()];
        private boolean any;
        private byte[] held = new byte[0];

        /** What is certain after so many more bytes. */
        byte[] next(byte[] bytes, int length) {
            byte[] all = Arrays.copyOf(held, held.length + length);
            System.arraycopy(bytes, 0, all, held.length, length);
            for (int i = held.length; i < all.length; i++) {
                byte one = bytes[i - held.length];
                if (any || begins[one & 0xff]) {
                    look(one, all, i);
                }
            }
            int open = Arrays.stream(matched).max().orElse(0);
            held = Arrays.copyOfRange(all, all.length - open, all.length);
            return Arrays.copyOf(all, all.length - open);
        }

        private void look(byte one, byte[] all, int at) {
            any = false;
            for (int p = 0; p < matched.length; p++) {
                byte[] pattern = patterns.get(p);
                int[] shorter = fallbacks.get(p);
                int length = matched[p];
                while (length > 0 && (length == pattern.length || pattern[length] != one)) {
                    length = shorter[length];
                }
                length += pattern[length] == one ? 1 : 0;
                matched[p] = length;
                any |= length > 0;
                if (length == pattern.length) {
                    Arrays.fill(all, at + 1 - length, at + 1, (byte) '*');
                }
            }
        }

        /** The rest. */
        byte[] end() {
            byte[] rest = held;
            held = new byte[0];
            Arrays.fill(matched, 0);
            any = false;
            return rest;
        }
    }
}
