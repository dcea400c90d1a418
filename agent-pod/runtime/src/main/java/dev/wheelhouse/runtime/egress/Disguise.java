package dev.wheelhouse.runtime.egress;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Speaks TLS with a client in the place of one host: with a certificate of the sandbox's authority, and only if the
 * client asks for just that host (SNI).
 */
final class Disguise extends X509ExtendedKeyManager {
    private static final String ALIAS = "host";

    private final String host;
    private final EgressCa ca;
    private volatile String asked;
    private volatile boolean done;

    private Disguise(String host, EgressCa ca) {
        this.host = host;
        this.ca = ca;
    }

    /**
     * Shakes hands.
     *
     * @param consumed what was already read from the socket
     */
    static SSLSocket accept(Socket socket, InputStream consumed, String host, EgressCa ca) throws IOException, Refused {
        Disguise keys = new Disguise(host, ca);
        try {
            // One context for each connection: a resumed session would skip the look at the name.
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, new TrustManager[0], null);
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, consumed, true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            if (!keys.names(tls.getSession())) {
                throw new SSLException("no name");
            }
            keys.done = true;
            return tls;
        } catch (SSLException e) {
            String asked = keys.asked;
            throw new Refused(
                    400,
                    "TLS to " + host + " was not set up: "
                            + (asked == null
                                    ? "the client does not speak TLS or has no server name (SNI)"
                                    : asked.equalsIgnoreCase(host)
                                            ? "the client ended it; it must trust the proxy's authority"
                                            : "the client asks for another server name (SNI)"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS of the JDK", e);
        }
    }

    private boolean names(Object session) {
        List<SNIServerName> names =
                session instanceof ExtendedSSLSession extended ? extended.getRequestedServerNames() : List.of();
        if (names.size() != 1 || !(names.getFirst() instanceof SNIHostName name)) {
            return false;
        }
        asked = name.getAsciiName();
        return asked.equalsIgnoreCase(host);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        // Not a second time: TLS 1.2 lets a client ask for one handshake after the other, at our expense.
        boolean ours = !done && socket instanceof SSLSocket tls && names(tls.getHandshakeSession());
        return ours && keyType.equals("EC") ? ALIAS : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return new X509Certificate[] {ca.leaf(host).certificate(), ca.certificate()};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return ca.leaf(host).key().getPrivate();
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return new String[0];
    }

    @Override
    public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
        return null;
    }
}
