package dev.wheelhouse.runtime.approval;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Connection;
import okhttp3.Dns;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Lets a connection go only to public addresses: filters what names resolve to, and looks once more at the address that
 * is really connected to, which also covers addresses in place of names.
 */
final class PublicAddresses implements Dns, Interceptor {
    @Override
    public List<InetAddress> lookup(String host) throws UnknownHostException {
        List<InetAddress> allowed = Dns.SYSTEM.lookup(host).stream()
                .filter(PublicAddresses::isPublic)
                .toList();
        if (allowed.isEmpty()) {
            throw new UnknownHostException(host + " has no public address; a receiver inside the cluster needs"
                    + " allowPrivate: true in the Tenant");
        }
        return allowed;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Connection connection = chain.connection();
        InetSocketAddress to = connection == null ? null : connection.route().socketAddress();
        if (to == null || to.getAddress() == null || !isPublic(to.getAddress())) {
            throw new IOException("not a public address");
        }
        return chain.proceed(chain.request());
    }

    static boolean isPublic(InetAddress address) {
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
