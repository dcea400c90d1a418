package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** What the journal says of a request, as far as it could be made out: bounded, and without its query. */
record Seen(String method, String scheme, String host, int port, String path) {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Something that is not even HTTP. @param inside where the tunnel leads that it came by, or null */
    static Seen unreadable(Authority inside) {
        return inside == null
                ? new Seen("?", "?", "", 0, "")
                : new Seen("?", inside.scheme().name(), inside.host(), inside.port(), "");
    }

    static Seen tunnel(Authority to) {
        return new Seen("CONNECT", to.scheme().name(), to.host(), to.port(), "");
    }

    /** @param inside where the tunnel leads that it came by, or null */
    static Seen of(RequestHead head, Authority inside) {
        if (inside != null) {
            return new Seen(
                    head.method(), inside.scheme().name(), inside.host(), inside.port(), withoutQuery(head.target()));
        }
        boolean connect = head.method().equals("CONNECT");
        Scheme scheme = connect ? Scheme.https : Scheme.http;
        String rest = head.target().replaceFirst("^[A-Za-z]+://", "");
        String authority = rest.split("[/?#]", 2)[0];
        Optional<Authority> to = Authority.parse(scheme, authority);
        return new Seen(
                head.method(),
                scheme.name(),
                to.map(Authority::host).orElse(cut(authority)),
                to.map(Authority::port).orElse(0),
                connect ? "" : withoutQuery(rest.substring(authority.length())));
    }

    /** As it is sent. */
    static Seen of(Rules.Allowed allowed) {
        Authority to = allowed.to();
        return new Seen(
                allowed.head().method(),
                to.scheme().name(),
                to.host(),
                to.port(),
                withoutQuery(allowed.path().target()));
    }

    private static String withoutQuery(String target) {
        int question = target.indexOf('?');
        return question < 0 ? cut(target) : cut(target.substring(0, question)) + "?…";
    }

    private static String cut(String text) {
        int most = EgressRequest.MAX_PATH - 8;
        return text.length() <= most ? text : text.substring(0, most) + "…";
    }

    /** @param reason why it is not allowed, or null if it is */
    EgressRequest request(String reason) {
        byte[] id = new byte[8];
        RANDOM.nextBytes(id);
        return new EgressRequest(
                HexFormat.of().formatHex(id),
                method,
                scheme,
                host,
                port,
                path,
                reason == null,
                reason == null ? null : cut(reason));
    }
}
