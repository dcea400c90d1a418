package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxSpec.EgressRule;
import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.runtime.outbound.Cidr;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A proxy with real sockets on both sides; only loopback is let through besides what a product lets through. */
final class Rig implements EgressLog, AutoCloseable {
    static final String SECRET = "s3cr+t/value=42";
    static final EgressCa WORLD = EgressCa.create("the world's");

    final List<EgressRequest> requested = new CopyOnWriteArrayList<>();
    final List<EgressEnd> ended = new CopyOnWriteArrayList<>();
    final Map<String, List<InetAddress>> names = new ConcurrentHashMap<>();
    final AtomicInteger lookups = new AtomicInteger();
    final List<EgressRule> rules = new ArrayList<>();
    final EgressCa ca = EgressCa.create("rig");
    EgressLog log = this;
    /** What clients speak. */
    String tlsVersion = "TLSv1.3";

    Runnable beforeDurable = () -> {};
    SandboxSpec.EgressLimits limits;
    List<Cidr> privateNetworks = List.of();
    EgressCounters counters = new EgressCounters(0);
    Timeouts timeouts =
            new Timeouts(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60));
    private final Connections connections = new Connections();
    private final SecretFiles secrets;
    private final List<Upstream> upstreams = new CopyOnWriteArrayList<>();

    Rig(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("api"));
        Files.writeString(folder.resolve("api/token"), SECRET);
        secrets = new SecretFiles(folder);
    }

    Upstream https(String host, Function<String, byte[]> answer) throws Exception {
        Upstream upstream = Upstream.https(WORLD, host, answer);
        upstreams.add(upstream);
        names.put(host, List.of(InetAddress.getLoopbackAddress()));
        return upstream;
    }

    Upstream http(String host, Function<String, byte[]> answer) throws Exception {
        Upstream upstream = Upstream.http(answer);
        upstreams.add(upstream);
        names.put(host, List.of(InetAddress.getLoopbackAddress()));
        return upstream;
    }

    Rig allow(Scheme scheme, String host, int port, List<String> methods, String... paths) {
        rules.add(new EgressRule(host, scheme, port, methods, List.of(paths), null));
        return this;
    }

    Rig allowWithCredential(String host, int port, String secret, List<String> methods, String... paths) {
        var credential = new SandboxSpec.Credential("Authorization", "Bearer ", new SecretKey(secret, "token"));
        rules.add(new EgressRule(host, Scheme.https, port, methods, List.of(paths), credential));
        return this;
    }

    private EgressScope scope() {
        return new EgressScope("rig", rules, limits, privateNetworks, WORLD.pem(), ca, log, counters, connections);
    }

    /** The command is over. */
    void end() {
        scope().end();
    }

    /** A connection of a command to the proxy. */
    Socket connect() throws IOException {
        Reach reach = new Reach(Set.of(), this::lookup, InetAddress::isLoopbackAddress);
        Egress egress = new Egress(secrets, reach, timeouts);
        try (ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket client = new Socket(door.getInetAddress(), door.getLocalPort());
            Socket server = door.accept();
            EgressScope scope = scope();
            Thread.ofVirtual().start(() -> egress.serve(server, scope));
            client.setSoTimeout(30_000);
            return client;
        }
    }

    private List<InetAddress> lookup(String host) throws UnknownHostException {
        lookups.incrementAndGet();
        List<InetAddress> found = names.get(host);
        if (found == null) {
            throw new UnknownHostException(host);
        }
        return found;
    }

    /** Sends these bytes in the clear and returns all that comes back. */
    String clear(String raw) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(Upstream.bytes(raw));
            socket.shutdownOutput();
            return rest(socket.getInputStream());
        }
    }

    /** Sends these bytes inside of a tunnel and returns all that comes back in it. */
    String inside(String host, int port, String raw) throws Exception {
        try (SSLSocket tls = tunnel(host, port, host)) {
            tls.getOutputStream().write(Upstream.bytes(raw));
            tls.shutdownOutput();
            return rest(tls.getInputStream());
        }
    }

    /** @param sni server name that is asked for, or null for none */
    SSLSocket tunnel(String host, int port, String sni) throws Exception {
        Socket socket = connect();
        socket.getOutputStream()
                .write(Upstream.bytes(
                        "CONNECT " + host + ":" + port + " HTTP/1.1\r\nHost: " + host + ":" + port + "\r\n\r\n"));
        String answer = head(socket.getInputStream());
        if (!answer.startsWith("HTTP/1.1 200")) {
            throw new IOException(answer);
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust(ca.pem()).getTrustManagers(), null);
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, null, port, true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setProtocols(new String[] {tlsVersion});
        parameters.setServerNames(sni == null ? List.of() : List.of(new SNIHostName(sni)));
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
    }

    private static TrustManagerFactory trust(String pem) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        var in = new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8));
        store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        int c;
        while (head.indexOf("\r\n\r\n") < 0 && (c = in.read()) >= 0) {
            head.append((char) c);
        }
        return head.toString();
    }

    static String rest(InputStream in) {
        StringBuilder text = new StringBuilder();
        try {
            int c;
            while ((c = in.read()) >= 0) {
                text.append((char) c);
            }
        } catch (IOException e) {
            text.append("<cut>");
        }
        return text.toString();
    }

    /** Everything that any host was sent. */
    List<String> left() {
        return upstreams.stream().flatMap(one -> one.sent.stream()).toList();
    }

    @Override
    public void requested(EgressRequest request) throws IOException {
        beforeDurable.run();
        requested.add(request);
    }

    @Override
    public void ended(EgressEnd end) {
        ended.add(end);
    }

    @Override
    public void over() {
        // Tests look at the ends themselves.
    }

    @Override
    public void close() throws IOException {
        for (Upstream upstream : upstreams) {
            upstream.close();
        }
    }
}
