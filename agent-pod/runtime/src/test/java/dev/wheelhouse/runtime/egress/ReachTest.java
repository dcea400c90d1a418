package dev.wheelhouse.runtime.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import dev.wheelhouse.runtime.outbound.Cidr;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses are connected to, and that it is those which were checked. */
class ReachTest {
    private static final List<Cidr> EVERYTHING = List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"));

    @TempDir
    Path folder;

    private static Reach reach(String... addresses) {
        List<InetAddress> all =
                Arrays.stream(addresses).map(InetAddress::ofLiteral).toList();
        return new Reach(Set.of(InetAddress.ofLiteral("10.96.0.1")), host -> all, address -> false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1.2.3",
                "0.0.0.0",
                "::",
                "::1",
                "169.254.169.254",
                "169.254.170.2",
                "fe80::1",
                "fd00:ec2::254",
                "fd20:ce::254",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "224.0.0.1",
                "239.255.255.250",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::127.0.0.1",
                "64:ff9b::169.254.169.254",
                "64:ff9b::7f00:1",
                "2002:a9fe:a9fe::1",
                "2002:7f00:1::",
                "10.96.0.1",
                "::ffff:10.96.0.1",
                "64:ff9b::10.96.0.1"
            })
    void these_are_never_reached_whatever_the_tenant_allows(String address) {
        Refused why = assertThrows(Refused.class, () -> reach(address).addresses("host.test", EVERYTHING));
        assertEquals(403, why.status());
    }

    @Test
    void this_pod_is_never_reached() throws Exception {
        for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress own : Collections.list(card.getInetAddresses())) {
                assertFalse(reach().mayReach(own, EVERYTHING), own.toString());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "100.64.0.1",
                "198.18.0.1",
                "fc00::1",
                "fd12::1",
                "240.0.0.1"
            })
    void private_addresses_are_reached_only_if_the_tenant_allows_them(String address) throws Exception {
        assertThrows(Refused.class, () -> reach(address).addresses("host.test", List.of()));
        assertThrows(
                Refused.class,
                () -> reach(address)
                        .addresses(
                                "host.test",
                                List.of(Cidr.parse("10.1.3.0/24"), Cidr.parse("fd13::/16"))
                                        .subList(0, 1)));
        assertEquals(List.of(InetAddress.ofLiteral(address)), reach(address).addresses("host.test", EVERYTHING));
    }

    @Test
    void the_rest_of_the_world_is_reached() throws Exception {
        assertEquals(
                2,
                reach("8.8.8.8", "2606:4700:4700::1111")
                        .addresses("host.test", List.of())
                        .size());
    }

    @Test
    void of_several_addresses_only_the_allowed_ones_are_used() throws Exception {
        assertEquals(
                List.of(InetAddress.ofLiteral("8.8.8.8")),
                reach("10.0.0.1", "8.8.8.8", "169.254.169.254").addresses("host.test", List.of()));
    }

    @Test
    void a_network_holds_what_begins_like_it() {
        Cidr odd = Cidr.parse("10.1.128.0/17");
        assertTrue(odd.contains(InetAddress.ofLiteral("10.1.200.1")));
        assertFalse(odd.contains(InetAddress.ofLiteral("10.1.100.1")));
        assertFalse(odd.contains(InetAddress.ofLiteral("::1")));
        assertTrue(Cidr.parse("fd00::/8").contains(InetAddress.ofLiteral("fdff::1")));
        for (String wrong : List.of("10.0.0.0", "10.0.0.0/33", "example.com/8", "10.0.0.0/x", "/8", "dead/8")) {
            assertThrows(IllegalArgumentException.class, () -> Cidr.parse(wrong), wrong);
        }
    }

    /** DNS rebinding: the name has another address the second time, so there must be no second time. */
    @Test
    void a_name_is_looked_up_once_and_just_that_address_is_connected_to() throws Exception {
        try (Rig rig = new Rig(folder)) {
            Upstream web = rig.http("web.test", request -> Upstream.ok("hello"));
            rig.allow(Scheme.http, "web.test", web.port(), List.of("GET"), "/*");
            String host = "web.test:" + web.port();
            String request = "GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
            rig.beforeDurable = () -> rig.names.put("web.test", List.of(InetAddress.ofLiteral("169.254.169.254")));

            assertTrue(rig.clear(request).startsWith("HTTP/1.1 200 "));
            assertEquals(1, rig.lookups.get());
            String again = rig.clear(request);
            assertTrue(again.startsWith("HTTP/1.1 403 ") && again.contains("privateNetworks"), again);
            assertEquals(2, rig.lookups.get());
            assertEquals(1, web.requests.size());
        }
    }

    @Test
    void an_unknown_name_is_told() throws Exception {
        try (Rig rig = new Rig(folder)) {
            rig.allow(Scheme.http, "web.test", 80, List.of("GET"), "/*");
            String answer = rig.clear("GET http://web.test/ HTTP/1.1\r\nHost: web.test\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 502 ") && answer.contains("not known"), answer);
            assertFalse(rig.requested.getFirst().allowed());
        }
    }
}
