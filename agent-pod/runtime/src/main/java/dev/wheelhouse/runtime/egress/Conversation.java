package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;

/** One connection of a command: its requests, one after the other, in the clear or in a tunnel that ends here. */
final class Conversation {
    private static final int TOO_MANY = 429;

    private final EgressScope scope;
    private final Rules rules;
    private final Reach reach;
    private final Trust trust;
    private final SecretFiles secrets;
    private final Timeouts timeouts;
    private final Watch watch;

    Conversation(EgressScope scope, Reach reach, Trust trust, SecretFiles secrets, Timeouts timeouts, Watch watch) {
        this.scope = scope;
        this.rules = new Rules(scope.rules(), scope.limits());
        this.reach = reach;
        this.trust = trust;
        this.secrets = secrets;
        this.timeouts = timeouts;
        this.watch = watch;
    }

    /** A request that may leave as soon as it is recorded. */
    private record Ready(Rules.Allowed request, Injected injected, List<InetAddress> addresses) {}

    /** Serves a connection as the command opened it. */
    void serve(Socket socket) throws IOException, InterruptedException {
        ClientSide client = new ClientSide(socket.getInputStream(), socket.getOutputStream(), watch);
        while (true) {
            Optional<RequestHead> head = next(client, null);
            if (head.isEmpty()) {
                return;
            }
            if (head.get().method().equals("CONNECT")) {
                tunnel(socket, client, head.get());
                return;
            }
            if (!request(client, head.get(), null)) {
                return;
            }
        }
    }

    private void tunnel(Socket socket, ClientSide client, RequestHead head) throws IOException, InterruptedException {
        Authority to;
        try {
            to = rules.tunnel(head);
        } catch (Refused e) {
            client.refuse(recordOneMore(Seen.of(head, null), e));
            client.drain();
            return;
        }
        client.tunnelIsThere();
        watch.within(timeouts.head());
        SSLSocket tls;
        try {
            tls = Disguise.accept(socket, client.unread(), to.host(), scope.ca());
        } catch (Refused e) {
            // The client listens for TLS; words in the clear would only confuse it.
            recordOneMore(Seen.tunnel(to), e);
            return;
        }
        try (tls) {
            inside(new ClientSide(tls.getInputStream(), tls.getOutputStream(), watch), to);
        } catch (IOException e) {
            // A proper end of TLS would make what was cut look whole.
            socket.close();
            throw e;
        }
    }

    private void inside(ClientSide client, Authority to) throws IOException, InterruptedException {
        boolean more = true;
        while (more) {
            Optional<RequestHead> head = next(client, to);
            more = head.isPresent() && request(client, head.get(), to);
        }
    }

    private Optional<RequestHead> next(ClientSide client, Authority inside) throws IOException, InterruptedException {
        try {
            return client.next(timeouts);
        } catch (Refused e) {
            client.refuse(recordOneMore(Seen.unreadable(inside), e));
            client.drain();
            return Optional.empty();
        }
    }

    /** @return whether another request may follow */
    private boolean request(ClientSide client, RequestHead head, Authority inside)
            throws IOException, InterruptedException {
        watch.within(timeouts.total());
        Ready ready;
        boolean counted = false;
        try {
            Rules.Allowed allowed = rules.judge(head, inside);
            count();
            counted = true;
            Injected injected = Injected.of(allowed, secrets);
            ready = new Ready(allowed, injected, reach.addresses(allowed.to().host(), scope.privateNetworks()));
        } catch (Refused e) {
            client.refuse(counted ? record(Seen.of(head, inside), e) : recordOneMore(Seen.of(head, inside), e));
            drain(client, head);
            return false;
        }
        EgressRequest request = Seen.of(ready.request()).request(null);
        scope.log().requested(request);
        watch.progress();
        return perform(client, ready, request.id());
    }

    private boolean perform(ClientSide client, Ready ready, String id) throws IOException {
        Exchange exchange = new Exchange(ready.request(), rules, ready.injected(), client, watch);
        String error = "the proxy failed";
        int status = 0;
        try {
            boolean more = exchange.perform(ready.addresses(), trust, scope.caBundle(), timeouts);
            error = null;
            return more;
        } catch (Refused e) {
            error = why(e);
            client.refuse(e);
            status = e.status();
            drain(client, ready.request().head());
            return false;
        } catch (IOException e) {
            error = why(e);
            throw e;
        } finally {
            status = status == 0 ? exchange.status() : status;
            scope.log().ended(new EgressEnd(id, status, exchange.sent(), exchange.received(), error));
        }
    }

    private String why(Exception e) {
        if (watch.isCut()) {
            return "the command was over";
        }
        return watch.late() ? "it took too long" : e.getMessage() == null ? "cut" : e.getMessage();
    }

    private void count() throws Refused {
        switch (scope.counters().count(scope.limits(), System.nanoTime())) {
            case EgressCounters.Ruling.Counted _ -> {}
            case EgressCounters.Ruling.TooMany(var reason, var first) -> throw new Refused(TOO_MANY, reason, first);
        }
    }

    /** Records what does not leave and was not counted yet. Too many of them end in another refusal. */
    private Refused recordOneMore(Seen seen, Refused why) throws IOException, InterruptedException {
        if (why.status() == TOO_MANY) {
            return record(seen, why);
        }
        try {
            count();
        } catch (Refused e) {
            return record(seen, e);
        }
        return record(seen, why);
    }

    private Refused record(Seen seen, Refused why) throws IOException, InterruptedException {
        if (why.recorded()) {
            scope.log().requested(seen.request(why.getMessage()));
        }
        return why;
    }

    /** What is not read of a body would end the connection before the client has read our answer. */
    private static void drain(ClientSide client, RequestHead head) throws IOException {
        if (head.has("Content-Length") || head.has("Transfer-Encoding")) {
            client.drain();
        }
    }
}
