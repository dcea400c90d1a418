package dev.wheelhouse.runtime.approval;

import dev.wheelhouse.runtime.outbound.Addresses;
import java.io.IOException;
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
        List<InetAddress> allowed =
                Dns.SYSTEM.lookup(host).stream().filter(Addresses::isPublic).toList();
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
        if (to == null || to.getAddress() == null || !Addresses.isPublic(to.getAddress())) {
            throw new IOException("not a public address");
        }
        return chain.proceed(chain.request());
    }
}
