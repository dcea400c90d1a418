package dev.wheelhouse.runtime.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** A network, such as {@code 10.0.0.0/8}. An address of version 4 is in networks of version 4 only. */
public final class Cidr {
    private final byte[] prefix;
    private final int bits;

    private Cidr(byte[] prefix, int bits) {
        this.prefix = prefix;
        this.bits = bits;
    }

    /** @throws IllegalArgumentException if it is not a network in CIDR notation */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        // Only characters of an address: a name would be looked up.
        if (slash < 0 || !text.substring(0, slash).matches("[0-9a-fA-F]*[.:][0-9a-fA-F.:]*")) {
            throw new IllegalArgumentException("not a network in CIDR notation: " + text);
        }
        try {
            byte[] prefix = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
            int bits = Integer.parseInt(text.substring(slash + 1));
            if (bits < 0 || bits > prefix.length * 8) {
                throw new IllegalArgumentException("not a network in CIDR notation: " + text);
            }
            return new Cidr(prefix, bits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a network in CIDR notation: " + text, e);
        }
    }

    /** Whether the address lies in it. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != prefix.length) {
            return false;
        }
        int whole = bits / 8;
        int mask = 0xff << (8 - bits % 8) & 0xff;
        return Arrays.equals(bytes, 0, whole, prefix, 0, whole)
                && (whole == bytes.length || (bytes[whole] & mask) == (prefix[whole] & mask));
    }

    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(prefix).getHostAddress() + "/" + bits;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes", e);
        }
    }
}
