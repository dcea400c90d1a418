package dev.wheelhouse.plugin;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** The private key of a kubeconfig. Fabric8 takes one in PKCS #8 for RSA unless it is told otherwise; kubectl looks. */
final class ClientKey {
    private static final String HEADER = "-----BEGIN PRIVATE KEY-----";
    private static final String FOOTER = "-----END PRIVATE KEY-----";

    private ClientKey() {}

    /** Tells the client that the key is one of an elliptic curve, if it is. */
    static void recognise(Config config) {
        String pem = pem(config);
        if (pem.contains(HEADER) && elliptic(pem)) {
            config.setClientKeyAlgo("EC");
        }
    }

    private static String pem(Config config) {
        try {
            if (config.getClientKeyData() != null) {
                return new String(Base64.getDecoder().decode(config.getClientKeyData()), StandardCharsets.US_ASCII);
            }
            return config.getClientKeyFile() == null ? "" : Files.readString(Path.of(config.getClientKeyFile()));
        } catch (IOException | IllegalArgumentException e) {
            return ""; // The client reads it again, and its error names the file.
        }
    }

    private static boolean elliptic(String pem) {
        int end = pem.indexOf(FOOTER);
        if (end < 0) {
            return false;
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.substring(pem.indexOf(HEADER) + HEADER.length(), end));
            KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            return true;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }
}
