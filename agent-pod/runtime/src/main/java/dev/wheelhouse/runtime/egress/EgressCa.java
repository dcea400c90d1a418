package dev.wheelhouse.runtime.egress;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority of one sandbox: only that sandbox trusts it, and its key is only in this process's memory.
 * Thread-safe.
 */
public final class EgressCa {
    /** A sandbox lives seven days at most. */
    private static final Duration VALID = Duration.ofDays(8);

    private static final Duration LEAF_VALID = Duration.ofDays(1);
    /** The sandbox's clock is its node's, not ours. */
    private static final Duration SKEW = Duration.ofHours(1);

    private static final int LEAVES = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair key;
    private final KeyPair leafKey;
    private final X509Certificate certificate;
    private final X500Name name;
    private final SequencedMap<String, Leaf> leaves = new LinkedHashMap<>();

    /** A certificate for one host and its key. */
    record Leaf(X509Certificate certificate, KeyPair key) {
        @Override
        public String toString() {
            return "leaf of " + certificate.getSubjectX500Principal();
        }
    }

    private EgressCa(KeyPair key, KeyPair leafKey, X509Certificate certificate, X500Name name) {
        this.key = key;
        this.leafKey = leafKey;
        this.certificate = certificate;
        this.name = name;
    }

    /** Makes an authority, in some milliseconds. @param sandbox name of the pod, for who looks at the certificate */
    public static EgressCa create(String sandbox) {
        try {
            KeyPair key = newKey();
            // A sandbox trusts one of each runtime, and clients look authorities up by name. RFC 5280 allows 64
            // characters.
            String common = "Wheelhouse sandbox %.32s %08x".formatted(sandbox, RANDOM.nextInt());
            X500Name name = new X500NameBuilder().addRDN(BCStyle.CN, common).build();
            var extensions = new JcaX509ExtensionUtils();
            var builder = builder(name, key, VALID, name, key)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(key.getPublic()));
            return new EgressCa(key, newKey(), signed(builder, key), name);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("a certificate authority cannot be made", e);
        }
    }

    /** The authority's certificate, for the sandbox to trust. */
    public String pem() {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(certificate);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
        return text.toString();
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** The certificate to show in place of the host's own. */
    synchronized Leaf leaf(String host) {
        Leaf known = leaves.get(host);
        Date soon = Date.from(Instant.now().plus(SKEW));
        if (known != null && known.certificate().getNotAfter().after(soon)) {
            return known;
        }
        if (leaves.size() >= LEAVES) {
            leaves.pollFirstEntry();
        }
        Leaf made = make(host);
        leaves.put(host, made);
        return made;
    }

    private Leaf make(String host) {
        try {
            X500Name subject = new X500NameBuilder()
                    .addRDN(BCStyle.CN, host.length() > 64 ? "host" : host)
                    .build();
            var extensions = new JcaX509ExtensionUtils();
            var builder = builder(subject, leafKey, LEAF_VALID, name, key)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(new GeneralName(GeneralName.dNSName, host)))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(leafKey.getPublic()))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            extensions.createAuthorityKeyIdentifier(key.getPublic()));
            return new Leaf(signed(builder, key), leafKey);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("a certificate cannot be made", e);
        }
    }

    private static KeyPair newKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Name subject, KeyPair subjectKey, Duration valid, X500Name issuer, KeyPair issuerKey) {
        Instant now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(127, RANDOM).setBit(126),
                Date.from(now.minus(SKEW)),
                Date.from(now.plus(valid)),
                subject,
                subjectKey.getPublic());
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, KeyPair by)
            throws GeneralSecurityException, OperatorCreationException {
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }
}
