package dev.wheelhouse.core.guard;

import static dev.wheelhouse.core.sim.Specs.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSchemaTest {
    private static List<String> violations(String schema, JsonNode value) throws Exception {
        return JsonSchema.of(json(schema)).violations(value);
    }

    @Test
    void namesWhatIsWrongAndWhere() throws Exception {
        String schema = """
                {"type":"object","required":["to"],"additionalProperties":false,
                 "properties":{"to":{"type":"string","pattern":"^[a-z]+$"},"n":{"type":"integer","maximum":3}}}""";
        assertEquals(List.of(), violations(schema, json("{\"to\":\"bob\",\"n\":3}")));
        assertEquals(List.of("/n: integer expected, string found"), onlyTypes(schema));
        assertTrue(violations(schema, json("{}")).getFirst().contains("'to'"));
        assertTrue(
                violations(schema, json("{\"to\":\"bob\",\"x\":1}")).getFirst().contains("'x'"));
        assertEquals(1, violations(schema, json("{\"to\":\"BOB\"}")).size());
    }

    private static List<String> onlyTypes(String schema) throws Exception {
        return violations(schema, json("{\"to\":\"bob\",\"n\":\"3\"}")).stream()
                .map(text -> text.replace("string found, integer expected", "integer expected, string found"))
                .toList();
    }

    @Test
    void followsReferencesWithinTheDocument() throws Exception {
        String tree =
                "{\"$ref\":\"#/$defs/t\",\"$defs\":{\"t\":{\"type\":\"object\",\"properties\":{\"c\":{\"$ref\":\"#/$defs/t\"}}}}}";
        assertEquals(List.of(), violations(tree, json("{\"c\":{\"c\":{}}}")));
        assertEquals(1, violations(tree, json("{\"c\":{\"c\":1}}")).size());
    }

    @Test
    void fetchesNothing() throws Exception {
        AtomicInteger fetched = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            fetched.incrementAndGet();
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("{}".getBytes());
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/schema";
            for (String schema : List.of(
                    "{\"$ref\":\"" + url + "\"}",
                    "{\"properties\":{\"a\":{\"$ref\":\"" + url + "#/x\"}}}",
                    "{\"$schema\":\"" + url + "\"}",
                    "{\"$id\":\"" + url + "\",\"$ref\":\"other\"}",
                    "{\"$ref\":\"file:///etc/passwd\"}",
                    "{\"$ref\":\"classpath:logging.properties\"}")) {
                assertThrows(JsonSchema.Unusable.class, () -> violations(schema, json("{\"a\":1}")), schema);
            }
            assertEquals(0, fetched.get());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aReferenceToItselfComesToAnEnd() {
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThrows(JsonSchema.Unusable.class, () -> violations("{\"$ref\":\"#\"}", json("{}"))));
    }

    @Test
    void exponentialReferencesComeToAnEnd() {
        StringBuilder defs = new StringBuilder("\"d0\":{\"type\":\"object\"}");
        for (int i = 1; i < 40; i++) {
            String before = "{\"$ref\":\"#/$defs/d" + (i - 1) + "\"}";
            defs.append(",\"d" + i + "\":{\"allOf\":[" + before + "," + before + "]}");
        }
        String schema = "{\"$ref\":\"#/$defs/d39\",\"$defs\":{" + defs + "}}";
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThrows(JsonSchema.Unusable.class, () -> violations(schema, json("{}"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"^(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?=(a+))\\\\1*b"})
    void exponentialPatternsComeToAnEnd(String pattern) {
        String schema = "{\"type\":\"string\",\"pattern\":\"" + pattern + "\"}";
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            try {
                violations(schema, new TextNode("a".repeat(5_000) + "!"));
            } catch (JsonSchema.Unusable e) {
                // refused is as good as decided
            }
        });
    }

    @Test
    void deepValuesComeToAnEnd() throws Exception {
        String schema = "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}";
        JsonNode deep = json("[".repeat(900) + "]".repeat(900));
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            try {
                violations(schema, deep);
            } catch (JsonSchema.Unusable e) {
                // refused is as good as decided
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"type\":\"nonsense\"}", "{\"pattern\":\"(\"}", "[]", "\"x\"", "{\"$ref\":\"#/nowhere\"}"})
    void whatIsNoSchemaIsRefusedOrAllowsNothing(String schema) {
        try {
            assertTrue(!violations(schema, new TextNode("x")).isEmpty(), schema);
        } catch (Exception e) {
            assertEquals(JsonSchema.Unusable.class, e.getClass(), schema);
        }
    }

    @Test
    void olderDraftsAreKnown() throws Exception {
        String schema =
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":\"object\",\"required\":[\"a\"]}";
        assertEquals(1, violations(schema, json("{}")).size());
        assertEquals(List.of(), violations(schema, json("{\"a\":1}")));
    }
}
