package dev.wheelhouse.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * An HTTPS server outside the cluster's pods, reached as the Service {@code upstream} of a namespace. It tells what it
 * was sent, redirects from {@code /open/redirect} to a private address, and keeps count.
 */
final class Upstream implements AutoCloseable {
    private static final String PASSWORD = "changeit";

    /** A request as it arrived. */
    record Seen(String method, String path, String host, String authorization) {}

    private final HttpsServer server;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final String host;
    private final String pem;

    Upstream(Space space) {
        host = "upstream." + space.name() + ".svc.cluster.local";
        try {
            Path store = Files.createTempDirectory("upstream").resolve("store.p12");
            Kubectl.exec(
                            null,
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "keytool")
                                            .toString(),
                                    "-genkeypair",
                                    "-alias",
                                    "a",
                                    "-keyalg",
                                    "EC",
                                    "-groupname",
                                    "secp256r1",
                                    "-dname",
                                    "CN=upstream",
                                    "-ext",
                                    "SAN=dns:" + host,
                                    "-ext",
                                    "BC=ca:true",
                                    "-validity",
                                    "2",
                                    "-storetype",
                                    "PKCS12",
                                    "-keystore",
                                    store.toString(),
                                    "-storepass",
                                    PASSWORD))
                    .orThrow();
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, PASSWORD.toCharArray());
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(factory.getKeyManagers(), null, null);
            Certificate certificate = keys.getCertificate("a");
            pem = "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                            .encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
            server = HttpsServer.create(new InetSocketAddress("0.0.0.0", 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(tls));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        space.create("""
            apiVersion: v1
            kind: Service
            metadata: {name: upstream}
            spec: {ports: [{name: https, port: 443, targetPort: %1$d}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: upstream-1, labels: {kubernetes.io/service-name: upstream}}
            addressType: IPv4
            ports: [{name: https, port: %1$d}]
            endpoints: [{addresses: ['%2$s']}]
            """.formatted(server.getAddress().getPort(), Cluster.HOST));
    }

    String host() {
        return host;
    }

    /** Its certificate, which nobody trusts who was not told to. */
    String pem() {
        return pem;
    }

    List<Seen> seen() {
        return List.copyOf(seen);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        exchange.getRequestBody().readAllBytes();
        seen.add(new Seen(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                exchange.getRequestHeaders().getFirst("Host"),
                authorization));
        var body = new ByteArrayOutputStream();
        int status = 200;
        if (exchange.getRequestURI().getPath().equals("/open/redirect")) {
            exchange.getResponseHeaders().add("Location", "http://169.254.169.254/latest/meta-data/");
            status = 302;
        }
        exchange.getResponseHeaders().add("X-Echo", String.valueOf(authorization));
        body.writeBytes(("you sent " + authorization + " and in base64 "
                        + (authorization == null
                                ? ""
                                : Base64.getEncoder().encodeToString(authorization.getBytes(StandardCharsets.UTF_8)))
                        + "\n")
                .getBytes(StandardCharsets.UTF_8));
        exchange.sendResponseHeaders(status, body.size());
        exchange.getResponseBody().write(body.toByteArray());
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
