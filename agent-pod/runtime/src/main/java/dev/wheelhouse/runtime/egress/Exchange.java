package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import dev.wheelhouse.runtime.egress.RequestHead.Framing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;

/**
 * One request that is allowed and recorded: sends it on a connection of its own to an address that was checked, and
 * passes the answer on.
 */
final class Exchange {
    private static final int BUFFER = 16 * 1024;
    private static final int INTERIM = 8;

    private static final Http1Config ANSWERS = Http1Config.custom()
            .setMaxLineLength(16 * 1024)
            .setMaxHeaderCount(200)
            .build();

    private final Rules.Allowed request;
    private final Rules rules;
    private final Injected injected;
    private final ClientSide client;
    private final Watch watch;
    private long sent;
    private Relay relay;

    Exchange(Rules.Allowed request, Rules rules, Injected injected, ClientSide client, Watch watch) {
        this.request = request;
        this.rules = rules;
        this.injected = injected;
        this.client = client;
        this.watch = watch;
    }

    /** The client's body cannot be read or is too large. What was sent of it must not look complete to the host. */
    private static final class BodyRefused extends IOException {
        private final transient Refused why;

        BodyRefused(Refused why) {
            this.why = why;
        }
    }

    long sent() {
        return sent;
    }

    /** Of the answer, or 0 if none was begun. */
    int status() {
        return relay == null ? 0 : relay.status();
    }

    long received() {
        return relay == null ? 0 : relay.bytes();
    }

    /**
     * Sends it and passes the answer on.
     *
     * @return whether the client may send another request on its connection
     * @throws Refused if there is no answer to pass on, and the client can be told
     * @throws IOException if the answer ended before its end
     */
    boolean perform(List<InetAddress> addresses, Trust trust, String caBundle, Timeouts timeouts)
            throws IOException, Refused {
        Socket bare = connected(addresses, timeouts);
        try (bare) {
            // Before the watch closes everything, so that the client can be told.
            bare.setSoTimeout(
                    (int) timeouts.idle().multipliedBy(9).dividedBy(10).toMillis());
            Socket socket = request.to().scheme() == Scheme.https ? secured(bare, trust, caBundle) : bare;
            // The parser takes its bounds from its factory, not from the connection.
            var connection = new DefaultBHttpClientConnection(
                    ANSWERS, null, null, null, null, null, new DefaultHttpResponseParserFactory(ANSWERS));
            connection.bind(socket);
            boolean all = send(connection, bare);
            ClassicHttpResponse answer = answer(connection);
            relay = new Relay(answer, request.head(), injected.masking(), rules.responseBytes(), injected.present());
            boolean more = relay.pass(client, watch, all);
            watch.progress();
            return more;
        } catch (HttpException e) {
            throw new Refused(502, request.to().host() + " does not speak HTTP properly");
        } finally {
            watch.release(bare);
        }
    }

    private Socket connected(List<InetAddress> addresses, Timeouts timeouts) throws Refused {
        try {
            return Reach.connect(addresses, request.to().port(), timeouts.connect(), watch);
        } catch (IOException e) {
            throw new Refused(502, "no connection to " + request.to().hostHeader());
        }
    }

    private Socket secured(Socket bare, Trust trust, String caBundle) throws IOException, Refused {
        try {
            return trust.wrap(bare, request.to(), caBundle);
        } catch (SSLException e) {
            throw new Refused(
                    502,
                    "no TLS to " + request.to().hostHeader() + ": its certificate is not that of a known authority"
                            + " (Tenant: spec.sandbox.caBundle), is for another host, or it speaks no TLS 1.2");
        } catch (IOException e) {
            throw new Refused(502, "no TLS to " + request.to().hostHeader() + ": the connection ended");
        }
    }

    /** @return whether the whole body was read from the client */
    private boolean send(DefaultBHttpClientConnection connection, Socket bare)
            throws IOException, HttpException, Refused {
        var out = outgoing(bare);
        try {
            connection.sendRequestHeader(out);
            if (out.getEntity() != null) {
                if (request.head().expectsContinue()) {
                    connection.flush();
                    client.proceed();
                }
                connection.sendRequestEntity(out);
            }
            connection.flush();
            return true;
        } catch (BodyRefused e) {
            throw e.why;
        } catch (IOException e) {
            // A host may answer before it has read everything, and close: its answer may be there.
            return false;
        }
    }

    private BasicClassicHttpRequest outgoing(Socket bare) {
        var out = new BasicClassicHttpRequest(
                request.head().method(), request.path().target());
        out.addHeader("Host", request.to().hostHeader());
        Set<String> listed = HopByHop.listed(request.head().all("Connection"));
        for (RequestHead.Header header : request.head().headers()) {
            if (!HopByHop.inRequest(header.name(), listed) && !injected.replaces(header.name())) {
                out.addHeader(header.name(), header.value());
            }
        }
        injected.into(out::addHeader);
        out.addHeader("Connection", "close");
        switch (request.framing()) {
            case Framing.None _ -> {}
            case Framing.Length(var bytes) -> out.addHeader("Content-Length", bytes);
            case Framing.Chunked _ -> out.addHeader("Transfer-Encoding", "chunked");
        }
        if (!(request.framing() instanceof Framing.None)) {
            InputStream body = client.body(request.framing());
            out.setEntity(new EntityTemplate(-1, null, null, to -> copy(body, to, bare)));
        }
        return out;
    }

    private void copy(InputStream body, OutputStream to, Socket bare) throws IOException {
        byte[] buffer = new byte[BUFFER];
        while (true) {
            int n;
            try {
                n = body.read(buffer);
            } catch (IOException e) {
                // Before anybody closes the stream, which would end the chunks as if all had been there.
                bare.close();
                throw new BodyRefused(new Refused(400, "the request's body is malformed or incomplete"));
            }
            if (n < 0) {
                return;
            }
            if (sent + n > rules.requestBytes()) {
                bare.close();
                throw new BodyRefused(rules.tooLarge());
            }
            to.write(buffer, 0, n);
            to.flush();
            sent += n;
            watch.progress();
        }
    }

    private ClassicHttpResponse answer(DefaultBHttpClientConnection connection)
            throws IOException, HttpException, Refused {
        try {
            for (int i = 0; i < INTERIM; i++) {
                ClassicHttpResponse answer = connection.receiveResponseHeader();
                watch.progress();
                if (answer.getCode() == 101) {
                    throw new Refused(502, request.to().host() + " changed the protocol unasked");
                }
                if (answer.getCode() >= 200) {
                    if (Relay.hasBody(request.head().method(), answer.getCode())) {
                        connection.receiveResponseEntity(answer);
                    }
                    return answer;
                }
            }
        } catch (IOException e) {
            throw e instanceof SocketTimeoutException || watch.late()
                    ? new Refused(504, request.to().host() + " gave no answer in time")
                    : new Refused(502, request.to().host() + " gave no answer");
        }
        throw new Refused(502, request.to().host() + " only says that it will answer");
    }
}
