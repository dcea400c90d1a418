package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.api.v1alpha1.SandboxSpec.Credential;
import dev.wheelhouse.api.v1alpha1.SandboxSpec.Scheme;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import dev.wheelhouse.runtime.outbound.SecretValue;
import java.util.function.BiConsumer;

/** The credential of one request, or none. Lives as long as the request; not a record, so that nothing prints it. */
final class Injected {
    static final Injected NOTHING = new Injected(null, null);

    private final Credential rule;
    private final SecretValue secret;

    private Injected(Credential rule, SecretValue secret) {
        this.rule = rule;
        this.secret = secret;
    }

    /** Reads the Secret now, so that a rotated one counts at once. */
    static Injected of(Rules.Allowed request, SecretFiles secrets) throws Refused {
        Credential rule = request.rule().credential();
        if (rule == null) {
            return NOTHING;
        }
        if (request.to().scheme() != Scheme.https) {
            throw new Refused(502, "a credential is only sent over https");
        }
        String prefix = rule.prefix() == null ? "" : rule.prefix();
        if (!HopByHop.mayCarryCredential(header(rule)) || !prefix.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
            throw new Refused(502, "the rule's credential has a header or prefix that cannot carry one");
        }
        SecretValue secret = read(rule, secrets);
        if (secret.reveal().length() < Masking.SHORTEST) {
            throw new Refused(
                    502,
                    secret + " is shorter than " + Masking.SHORTEST
                            + " characters, too short to be recognised in answers");
        }
        return new Injected(rule, secret);
    }

    private static SecretValue read(Credential rule, SecretFiles secrets) throws Refused {
        try {
            return secrets.read(rule.secret());
        } catch (SecretUnavailable e) {
            throw new Refused(502, "the proxy lacks the credential: " + e.getMessage());
        }
    }

    private static String header(Credential rule) {
        return rule.header() == null ? "Authorization" : rule.header();
    }

    boolean present() {
        return secret != null;
    }

    /** Whether this header of the client's makes room for it, or would hinder recognising it in the answer. */
    boolean replaces(String name) {
        String plain = HopByHop.plain(name);
        return present()
                && (plain.equals(HopByHop.plain(header(rule)))
                        || plain.equals("accept-encoding")
                        || plain.equals("range")
                        || plain.equals("if-range"));
    }

    void into(BiConsumer<String, String> headers) {
        if (present()) {
            headers.accept(header(rule), (rule.prefix() == null ? "" : rule.prefix()) + secret.reveal());
            headers.accept("Accept-Encoding", "identity");
        }
    }

    Masking masking() {
        return present() ? Masking.of(secret, rule.prefix()) : Masking.NONE;
    }

    @Override
    public String toString() {
        return present() ? secret.toString() : "none";
    }
}
