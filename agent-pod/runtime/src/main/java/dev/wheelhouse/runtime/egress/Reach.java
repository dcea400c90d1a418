package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.runtime.outbound.Addresses;
import dev.wheelhouse.runtime.outbound.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds the addresses of a host that may be connected to, and connects to just those: nothing is looked up twice. */
final class Reach {
    private static final int ADDRESSES = 4;

    /** Metadata services and the like that lie outside of the link-local networks. */
    private static final List<Cidr> METADATA = Stream.of(
                    "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32", "fd00:ec2::/32", "fd20:ce::/32")
            .map(Cidr::parse)
            .toList();

    private final Set<InetAddress> never;
    private final Resolver resolver;
    private final Predicate<InetAddress> exempt;

    /** Looks names up. */
    interface Resolver {
        List<InetAddress> lookup(String host) throws UnknownHostException;

        /**
         * The system's, with a full name first looked up as such: the search list of a pod could put something else in
         * its place.
         */
        Resolver SYSTEM = host -> {
            if (host.indexOf('.') > 0) {
                try {
                    return List.of(InetAddress.getAllByName(host + "."));
                } catch (UnknownHostException e) {
                    // Names of Services are only found by the search list.
                }
            }
            return List.of(InetAddress.getAllByName(host));
        };
    }

    Reach(Set<InetAddress> never) {
        this(never, Resolver.SYSTEM, address -> false);
    }

    /** @param exempt addresses that are not checked: those of servers of tests, which are on loopback */
    Reach(Set<InetAddress> never, Resolver resolver, Predicate<InetAddress> exempt) {
        this.never = Set.copyOf(never);
        this.resolver = resolver;
        this.exempt = exempt;
    }

    /** Addresses of the host that may be connected to; at least one. */
    List<InetAddress> addresses(String host, List<Cidr> privateNetworks) throws Refused {
        List<InetAddress> all;
        try {
            all = resolver.lookup(host);
        } catch (UnknownHostException e) {
            throw new Refused(502, "the host " + host + " is not known");
        }
        List<InetAddress> allowed = all.stream()
                .filter(address -> mayReach(address, privateNetworks))
                .limit(ADDRESSES)
                .toList();
        if (allowed.isEmpty()) {
            throw new Refused(
                    403,
                    host + " has no address that may be reached: private ones are only if the Tenant's"
                            + " spec.sandbox.privateNetworks has them, and those of this node, pod, cluster API and"
                            + " metadata never are");
        }
        return allowed;
    }

    boolean mayReach(InetAddress address, List<Cidr> privateNetworks) {
        return exempt.test(address)
                || allowed(address, privateNetworks)
                        && embedded(address)
                                .map(inner -> allowed(inner, privateNetworks))
                                .orElse(true);
    }

    private boolean allowed(InetAddress address, List<Cidr> privateNetworks) {
        boolean special = address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isMulticastAddress();
        return !special
                && METADATA.stream().noneMatch(network -> network.contains(address))
                && !never.contains(address)
                && !isOurs(address)
                && (Addresses.isPublic(address)
                        || privateNetworks.stream().anyMatch(network -> network.contains(address)));
    }

    private static boolean isOurs(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return true;
        }
    }

    /** The address of version 4 that a translator would reach by this one of version 6: compatible, NAT64 or 6to4. */
    private static Optional<InetAddress> embedded(InetAddress address) {
        byte[] b = address.getAddress();
        if (b.length != 16) {
            return Optional.empty();
        }
        boolean compatible = zero(b, 0, 12);
        boolean nat64 = b[0] == 0 && b[1] == 0x64 && (b[2] & 0xff) == 0xff && (b[3] & 0xff) == 0x9b;
        boolean sixToFour = b[0] == 0x20 && b[1] == 0x02;
        if (!compatible && !nat64 && !sixToFour) {
            return Optional.empty();
        }
        try {
            int at = sixToFour ? 2 : 12;
            return Optional.of(InetAddress.getByAddress(Arrays.copyOfRange(b, at, at + 4)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 bytes", e);
        }
    }

    private static boolean zero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Connects to the first of the addresses that answers. */
    static Socket connect(List<InetAddress> addresses, int port, Duration within, Watch watch) throws IOException {
        long deadline = System.nanoTime() + within.toNanos();
        IOException last = new IOException("no time is left");
        for (InetAddress address : addresses) {
            int left = (int) Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (left <= 0) {
                break;
            }
            // Not by a SOCKS proxy that somebody configured for this process: it would look the name up again.
            Socket socket = new Socket(Proxy.NO_PROXY);
            watch.guard(socket);
            try {
                socket.connect(new InetSocketAddress(address, port), left);
                if (!address.equals(socket.getInetAddress())) {
                    throw new IOException("connected to another address than the one that was checked");
                }
                socket.setTcpNoDelay(true);
                return socket;
            } catch (IOException e) {
                last = e;
                watch.release(socket);
                socket.close();
            }
        }
        throw last;
    }
}
