package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.core.journal.Entry;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * An allowed host whose owner is hostile: its name leads to an address that the Tenant does not allow, along with a
 * good one or later. In the clear, for TLS would refuse the wrong server too and hide whether a packet got there.
 */
class EscapeRebindingE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    @AutoClose
    static final CountingServer GOOD = new CountingServer();

    @AutoClose
    static final CountingServer BAD = new CountingServer();

    private static final String NOWHERE = "has no address that may be reached";
    private static final int TIMES = 5;

    /** {@code get} asks a host and tells the answer's text, or the status and text of a refusal. */
    private static final String GET = """
        import time, urllib.request, urllib.error
        def get(host, what):
            try:
                return urllib.request.urlopen('http://%s/act/%s' % (host, what), timeout=30).read().decode()
            except urllib.error.HTTPError as e:
                return '%d %s' % (e.code, e.read().decode())
        """;

    private static Space space;
    private static String good;
    private static String bad;
    private static Lab lab;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("rebinding");
        good = service("good", GOOD);
        bad = service("bad", BAD);
        String dead = address("dead", "");
        name("both", bad, good);
        name("swapped", good, bad);
        name("fallback", bad, dead);
        name("moving", good);
        space.tenant(
                "runtime: {cpu: 10m, replicas: 1}\nsandbox: {privateNetworks: [" + good + "/32, " + dead + "/32]}");
        lab = Lab.open(space, "mallory", sandbox("both", "swapped", "fallback", "moving"));
    }

    /** Without this, a test that nothing is reached would also pass where nothing is there. */
    @Test
    void where_the_other_address_is_allowed_just_that_one_is_reached() {
        Space other = SPACES.open("rebound")
                .tenant("runtime: {cpu: 10m, replicas: 1}\nsandbox: {privateNetworks: [" + bad + "/32]}");
        answers("control");
        String told = Lab.open(other, "mallory", sandbox("both", "swapped"))
                .python("control", GET + """
                print('TOLD', get('%s', 'control'), get('%s', 'control'))
                """.formatted(host("both"), host("swapped")));
        assertTrue(told.contains("TOLD bad bad"), told);
        assertEquals(2, BAD.calls("control").size());
        assertEquals(List.of(), GOOD.calls("control"));
    }

    @Test
    void of_a_good_and_a_bad_address_only_the_good_one_is_reached() {
        answers("mixed");
        String told = lab.python("mixed", GET + """
                for host in ('%s', '%s'):
                    for i in range(%d):
                        print('TOLD', get(host, 'mixed'))
                """.formatted(host("both"), host("swapped"), TIMES));
        assertEquals(2 * TIMES, told.split("TOLD good", -1).length - 1, told);
        assertEquals(2 * TIMES, GOOD.calls("mixed").size());
        assertEquals(List.of(), BAD.calls("mixed"));
        assertEquals(
                2 * TIMES,
                requested("mixed").stream()
                        .filter(Entry.EgressRequested::allowed)
                        .count());
    }

    @Test
    void where_the_good_address_does_not_answer_the_bad_one_is_not_tried() {
        answers("fallback");
        // Twice: the call may be over before the end of its last request is recorded.
        String told = lab.python("fallback", GET + """
                for i in range(2):
                    print('TOLD', get('%s', 'fallback'))
                """.formatted(host("fallback")));
        assertTrue(told.contains("TOLD 502") && told.contains("no connection to " + host("fallback")), told);
        assertEquals(List.of(), BAD.calls("fallback"));
        var ended = new Journal(space, "fallback").entries(Entry.EgressEnded.class);
        assertTrue(
                ended.stream()
                        .anyMatch(end -> end.status() == 502
                                && end.error() != null
                                && end.error().contains("no connection to " + host("fallback"))),
                ended::toString);
    }

    @Test
    void a_name_that_moves_to_a_bad_address_after_its_first_use_is_refused() {
        answers("moved");
        String before = lab.python("before", GET + "print('TOLD', get('" + host("moving") + "', 'moved'))\n");
        assertTrue(before.contains("TOLD good"), before);
        space.patch("endpointslice", "moving-1", "endpoints: " + endpoints(bad)).orThrow();
        // The runtime remembers an address that it checked for half a minute, as any Java process does.
        String after = lab.python("after", GET + """
                end = time.monotonic() + 50
                told = get('%1$s', 'moved')
                while told == 'good' and time.monotonic() < end:
                    time.sleep(1)
                    told = get('%1$s', 'moved')
                print('TOLD', told)
                print('TOLD', get('%1$s', 'moved'))
                """.formatted(host("moving")));
        assertTrue(after.contains("TOLD 403") && after.contains(host("moving") + " " + NOWHERE), after);
        assertFalse(after.contains("TOLD good") || after.contains("TOLD bad"), after);
        assertEquals(List.of(), BAD.calls("moved"));
        Entry.EgressRequested last = requested("after").getLast();
        assertFalse(last.allowed(), last::toString);
        assertEquals(host("moving"), last.host());
        assertTrue(last.reason().contains(NOWHERE), last::toString);
    }

    private static List<Entry.EgressRequested> requested(String run) {
        return new Journal(space, run).entries(Entry.EgressRequested.class);
    }

    /** From now on, each of the servers says which one it is. */
    private static void answers(String what) {
        GOOD.answer("/act/" + what, body -> "good");
        BAD.answer("/act/" + what, body -> "bad");
    }

    /** Spec of a sandbox that may reach these names. */
    private static String sandbox(String... names) {
        return Stream.of(names)
                .map(name -> "{host: " + host(name) + ", scheme: http, paths: ['/act/*']}")
                .collect(Collectors.joining(", ", "{scope: Tenant, idleSeconds: 600, egress: [", "]}"));
    }

    private static String host(String name) {
        return name + "." + space.name() + ".svc.cluster.local";
    }

    /** A server of this test behind an address of its own, port 80. */
    private static String service(String name, CountingServer server) {
        String address = address(name, ", targetPort: " + port(server));
        slice(name, port(server), endpoints(Cluster.HOST));
        return address;
    }

    private static int port(CountingServer server) {
        return URI.create(server.url("/")).getPort();
    }

    /** An address of the cluster; nothing answers there yet. */
    private static String address(String name, String targetPort) {
        space.create("""
            apiVersion: v1
            kind: Service
            metadata: {name: %s}
            spec: {ports: [{name: http, port: 80%s}]}
            """.formatted(name, targetPort));
        return Cluster.client()
                .services()
                .inNamespace(space.name())
                .withName(name)
                .get()
                .getSpec()
                .getClusterIP();
    }

    /** A name with these records: a headless Service whose endpoints somebody writes by hand. */
    private static void name(String name, String... addresses) {
        space.create("""
            apiVersion: v1
            kind: Service
            metadata: {name: %s}
            spec: {clusterIP: None, ports: [{name: http, port: 80}]}
            """.formatted(name));
        slice(name, 80, endpoints(addresses));
    }

    private static void slice(String name, int port, String endpoints) {
        space.create("""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: %1$s-1, labels: {kubernetes.io/service-name: %1$s}}
            addressType: IPv4
            ports: [{name: http, port: %2$d}]
            endpoints: %3$s
            """.formatted(name, port, endpoints));
    }

    private static String endpoints(String... addresses) {
        return Stream.of(addresses)
                .map(address -> "{addresses: ['" + address + "']}")
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
