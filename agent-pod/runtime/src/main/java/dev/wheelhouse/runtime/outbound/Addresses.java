package dev.wheelhouse.runtime.outbound;

import java.net.Inet6Address;
import java.net.InetAddress;

/** What kind of address something is. Pure: nothing is looked up. */
public final class Addresses {
    private Addresses() {}

    /** Whether everybody on the internet may be meant by it: neither private nor special, also not in disguise. */
    public static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
    }

    private static boolean isPublic4(byte[] bytes) {
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        boolean carrierGrade = first == 100 && second >= 64 && second < 128;
        boolean special = first == 192 && second == 0 || first == 198 && (second == 18 || second == 19);
        return first != 0 && first < 224 && !carrierGrade && !special;
    }

    /** Only global unicast, and no address of version 4 in disguise (mapped, NAT64, 6to4, Teredo). */
    private static boolean isPublic6(byte[] bytes) {
        int first = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        int second = (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
        boolean teredo = first == 0x2001 && second == 0;
        return (first & 0xe000) == 0x2000 && first != 0x2002 && !teredo;
    }
}
