package dev.wheelhouse.runtime.egress;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** TLS to hosts: their names are verified with the public authorities and those of the Tenant. Thread-safe. */
final class Trust {
    /** Tenants of one namespace change theirs now and then. */
    private static final int KEPT = 8;

    private final SequencedMap<String, SSLContext> contexts = new LinkedHashMap<>();

    /** Speaks TLS on a connected socket. */
    SSLSocket wrap(Socket socket, Authority to, String caBundle) throws IOException, Refused {
        SSLSocket tls =
                (SSLSocket) context(caBundle).getSocketFactory().createSocket(socket, to.host(), to.port(), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
    }

    private synchronized SSLContext context(String caBundle) throws Refused {
        String key = caBundle == null ? "" : caBundle;
        SSLContext known = contexts.get(key);
        if (known != null) {
            return known;
        }
        try {
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(null, managers(key), null);
            if (contexts.size() >= KEPT) {
                contexts.pollFirstEntry();
            }
            contexts.put(key, made);
            return made;
        } catch (GeneralSecurityException | IOException e) {
            throw new Refused(502, "the Tenant's spec.sandbox.caBundle holds no readable certificates");
        }
    }

    private static TrustManager[] managers(String caBundle) throws GeneralSecurityException, IOException {
        TrustManagerFactory publicOnes = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        publicOnes.init((KeyStore) null);
        if (caBundle.isBlank()) {
            return publicOnes.getTrustManagers();
        }
        List<Certificate> all = new ArrayList<>();
        for (TrustManager manager : publicOnes.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                all.addAll(List.of(x509.getAcceptedIssuers()));
            }
        }
        var in = new ByteArrayInputStream(caBundle.getBytes(StandardCharsets.UTF_8));
        for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
            all.add((X509Certificate) one);
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int i = 0; i < all.size(); i++) {
            store.setCertificateEntry("ca" + i, all.get(i));
        }
        TrustManagerFactory both = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        both.init(store);
        return both.getTrustManagers();
    }
}
