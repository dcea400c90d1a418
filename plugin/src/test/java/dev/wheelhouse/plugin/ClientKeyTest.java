package dev.wheelhouse.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientKeyTest {
    @ParameterizedTest
    @CsvSource({"EC, EC", "RSA, RSA"})
    void recognises_the_kind_of_a_key_in_pkcs8(String kind, String algorithm) throws GeneralSecurityException {
        byte[] key = KeyPairGenerator.getInstance(kind)
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        String pem = "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                + "\n-----END PRIVATE KEY-----\n";
        Config config = config(pem);

        ClientKey.recognise(config);

        assertEquals(algorithm, config.getClientKeyAlgo());
    }

    @ParameterizedTest
    @CsvSource({"''", "nonsense", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----x-----END PRIVATE KEY-----"
    })
    void leaves_what_it_does_not_understand(String pem) {
        Config config = config(pem);

        ClientKey.recognise(config);

        assertEquals("RSA", config.getClientKeyAlgo());
    }

    private static Config config(String pem) {
        return new ConfigBuilder(Config.empty())
                .withClientKeyAlgo("RSA")
                .withClientKeyData(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)))
                .build();
    }
}
