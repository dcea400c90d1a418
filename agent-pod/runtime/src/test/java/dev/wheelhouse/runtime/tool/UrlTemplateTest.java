package dev.wheelhouse.runtime.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTemplateTest {
    private static String expand(String template, String value) throws UrlTemplate.Unusable {
        return UrlTemplate.parse(template).expand(name -> new TextNode(value));
    }

    @Test
    void valuesAreEncoded() throws Exception {
        assertEquals("https://h:8/a/x%20y%3Fz%23%26%25/b", expand("https://h:8/a/{v}/b", "x y?z#&%"));
        assertEquals(
                "http://h/%F0%9F%9B%9E?q=a%26b%3Dc",
                UrlTemplate.parse("http://h/{a}?q={b}")
                        .expand(name -> new TextNode(name.equals("a") ? "🛞" : "a&b=c")));
        assertEquals("http://h/7", UrlTemplate.parse("http://h/{n}").expand(name -> new IntNode(7)));
        assertEquals("http://h/a%0D%0AX%3A1", expand("http://h/{v}", "a\r\nX:1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../admin", "a/../b", "a/./b", "..\\x", "a/..", "x\0y"})
    void valuesThatClimbOrVanishAreRefusedInAPath(String value) {
        assertThrows(UrlTemplate.Unusable.class, () -> expand("http://h/items/{v}", value));
    }

    @Test
    void inAQueryTheyAreHarmless() throws Exception {
        assertEquals("http://h/?q=..%2Fadmin", expand("http://h/?q={v}", "../admin"));
        assertEquals("http://h/?q=", expand("http://h/?q={v}", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://{host}/x",
                "http://h{v}/x",
                "http://h:{port}/x",
                "{v}://h/x",
                "http://user@h/x",
                "http://h/x#{v}",
                "http://h/{a",
                "http://h/}",
                "http://h/{}",
                "http://h\\@evil/{v}",
                "ftp://h/{v}",
                "http://h/a\\{v}"
            })
    void templatesWithPlacesElsewhereAreRefused(String template) {
        assertThrows(UrlTemplate.Unusable.class, () -> UrlTemplate.parse(template));
    }

    @Test
    void missingAndStructuredValuesAreRefused() throws Exception {
        UrlTemplate template = UrlTemplate.parse("http://h/{v}");
        assertThrows(UrlTemplate.Unusable.class, () -> template.expand(name -> null));
        assertThrows(UrlTemplate.Unusable.class, () -> template.expand(name -> Invocations.json("{}")));
        assertEquals(Set.of("v"), template.names());
    }

    @Property
    void noValueLeavesItsSegment(@ForAll String value) {
        try {
            HttpUrl url = HttpUrl.get(expand("http://api.example:8080/v1/{v}/end?a={v}&b=1", value));
            assertEquals("api.example", url.host());
            assertEquals(8080, url.port());
            assertEquals(3, url.pathSize(), url::toString);
            assertEquals("end", url.pathSegments().get(2));
            assertEquals(2, url.querySize());
            assertEquals("1", url.queryParameter("b"));
            assertEquals("", url.username());
        } catch (UrlTemplate.Unusable e) {
            assertTrue(e.getMessage().contains("argument 'v'"), e.getMessage());
        }
    }
}
