package dev.wheelhouse.runtime.egress;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.EnglishReasonPhraseCatalog;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.ChunkedOutputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthInputStream;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;

/** Reads requests of a command and writes answers to it, in the clear or inside of TLS. */
final class ClientSide {
    private static final int BUFFER = 8 * 1024;
    /** Between a byte of a request that is refused and our end of it: what was sent must be read, or it never arrives. */
    private static final int DRAINED = 64 * 1024;

    private static final Http1Config CHUNKS = Http1Config.custom()
            .setMaxLineLength(4096)
            .setMaxHeaderCount(32)
            .setMaxEmptyLineCount(1)
            .build();

    private final InputStream in;
    private final OutputStream out;
    private final Watch watch;
    private final SessionInputBufferImpl buffer = new SessionInputBufferImpl(BUFFER);

    ClientSide(InputStream in, OutputStream out, Watch watch) {
        this.in = in;
        this.out = out;
        this.watch = watch;
    }

    /** The next request, or empty if the client is done. */
    Optional<RequestHead> next(Timeouts timeouts) throws IOException, Refused {
        watch.within(timeouts.idle());
        int c = buffer.read(in);
        if (c < 0) {
            return Optional.empty();
        }
        watch.within(timeouts.head());
        ByteArrayOutputStream head = new ByteArrayOutputStream(512);
        int last = 0;
        int ends = 0;
        while (true) {
            if (c < 0) {
                throw new IOException("ended within a request's head");
            }
            if ((c == '\n') != (last == '\r')) {
                throw new Refused(400, "lines end with CR LF");
            }
            if (head.size() == RequestHead.MAX_BYTES) {
                throw new Refused(431, "a request's head has at most " + RequestHead.MAX_BYTES + " bytes");
            }
            head.write(c);
            ends = c == '\r' || c == '\n' ? ends + 1 : 0;
            if (ends == 4) {
                return Optional.of(RequestHead.parse(head.toByteArray()));
            }
            last = c;
            c = buffer.read(in);
        }
    }

    /** What was read but belongs to what follows on the connection. */
    InputStream unread() throws IOException {
        byte[] rest = new byte[buffer.length()];
        int length = rest.length == 0 ? 0 : buffer.read(rest, 0, rest.length, in);
        return new ByteArrayInputStream(rest, 0, Math.max(0, length));
    }

    InputStream body(RequestHead.Framing framing) {
        return switch (framing) {
            case RequestHead.Framing.None _ -> InputStream.nullInputStream();
            case RequestHead.Framing.Length(var bytes) -> new ContentLengthInputStream(buffer, in, bytes);
            case RequestHead.Framing.Chunked _ -> new ChunkedInputStream(buffer, in, CHUNKS);
        };
    }

    void proceed() throws IOException {
        write("HTTP/1.1 100 Continue\r\n\r\n");
    }

    void tunnelIsThere() throws IOException {
        write("HTTP/1.1 200 Connection established\r\n\r\n");
    }

    void begin(int status, List<RequestHead.Header> headers) throws IOException {
        StringBuilder head = new StringBuilder();
        String phrase = EnglishReasonPhraseCatalog.INSTANCE.getReason(status, Locale.ROOT);
        head.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(phrase == null ? "" : phrase)
                .append("\r\n");
        headers.forEach(header ->
                head.append(header.name()).append(": ").append(header.value()).append("\r\n"));
        write(head.append("\r\n").toString());
    }

    /** A body of which the length was told, or which ends with the connection. */
    OutputStream plain() {
        return out;
    }

    /** A body in chunks; only to be closed if it is complete. */
    OutputStream chunked() {
        return new ChunkedOutputStream(new SessionOutputBufferImpl(BUFFER), out, BUFFER);
    }

    /** Says why not, and that the connection ends. */
    void refuse(Refused why) throws IOException {
        byte[] text = ("Egress proxy: " + why.getMessage() + ".\n").getBytes(StandardCharsets.UTF_8);
        begin(
                why.status(),
                List.of(
                        new RequestHead.Header("Content-Type", "text/plain; charset=utf-8"),
                        new RequestHead.Header("Content-Length", Integer.toString(text.length)),
                        new RequestHead.Header("Proxy-Status", "wheelhouse; error=http_request_denied"),
                        new RequestHead.Header("Connection", "close")));
        out.write(text);
        out.flush();
    }

    /** Reads a little of what the client still sends, so that it gets to read our answer. */
    void drain() throws IOException {
        watch.within(Duration.ofSeconds(2));
        byte[] waste = new byte[BUFFER];
        int total = 0;
        int n = 0;
        while (n >= 0 && total < DRAINED) {
            n = in.read(waste);
            total += Math.max(0, n);
        }
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }
}
