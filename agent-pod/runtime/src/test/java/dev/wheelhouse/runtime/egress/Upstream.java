package dev.wheelhouse.runtime.egress;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A host outside: keeps every byte that it is sent, and answers what the test says. */
final class Upstream implements AutoCloseable {
    /** Whole requests. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    /** What every connection sent, whole or not. */
    final List<String> sent = new CopyOnWriteArrayList<>();

    private final ServerSocket server;

    private Upstream(ServerSocket server, Function<String, byte[]> answer) {
        this.server = server;
        Thread.ofVirtual().start(() -> accept(answer));
    }

    static Upstream http(Function<String, byte[]> answer) throws IOException {
        return new Upstream(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
    }

    static Upstream https(EgressCa ca, String name, Function<String, byte[]> answer) throws Exception {
        EgressCa.Leaf leaf = ca.leaf(name);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "leaf", leaf.key().getPrivate(), new char[0], new Certificate[] {leaf.certificate(), ca.certificate()});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        var server = context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        return new Upstream(server, answer);
    }

    static byte[] ok(String body) {
        return bytes(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept(Function<String, byte[]> answer) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket, answer));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket, Function<String, byte[]> answer) {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (socket) {
            boolean whole;
            try {
                whole = readOne(socket.getInputStream(), read);
            } finally {
                sent.add(read.toString(StandardCharsets.ISO_8859_1));
            }
            if (whole) {
                String request = read.toString(StandardCharsets.ISO_8859_1);
                requests.add(request);
                socket.getOutputStream().write(answer.apply(request));
                socket.getOutputStream().flush();
            }
        } catch (IOException e) {
            // The proxy ended the connection, which some tests are about.
        }
    }

    private static boolean readOne(InputStream in, ByteArrayOutputStream read) throws IOException {
        int c;
        while ((c = in.read()) >= 0) {
            read.write(c);
            if (complete(read.toString(StandardCharsets.ISO_8859_1))) {
                return true;
            }
        }
        return false;
    }

    private static boolean complete(String text) {
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        String head = text.substring(0, end).toLowerCase(Locale.ROOT);
        String body = text.substring(end + 4);
        if (head.contains("\r\ntransfer-encoding: chunked")) {
            return body.endsWith("0\r\n\r\n");
        }
        int length = head.lines()
                .filter(line -> line.startsWith("content-length:"))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(0);
        return body.length() >= length;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
