package dev.wheelhouse.operator.domain.sandbox;

import static dev.wheelhouse.operator.domain.sandbox.Wishes.RULES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxAmounts;
import dev.wheelhouse.api.v1alpha1.SandboxResources;
import dev.wheelhouse.api.v1alpha1.SandboxScope;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SandboxRulesTest {
    private static SandboxSpec spec(String image, SandboxResources resources, String... hosts) {
        var egress = List.of(hosts).stream()
                .map(host -> new SandboxSpec.EgressRule(host, null, null, null, List.of("/"), null))
                .toList();
        return new SandboxSpec(image, null, resources, null, null, null, null, null, egress, null);
    }

    private static void refused(String words, SandboxSpec spec) {
        String why = RULES.refuse(spec).orElseThrow();
        assertTrue(why.startsWith("spec.sandbox.") && why.contains(words), why);
    }

    @Test
    void agentsAreHeldToTheTenant() {
        assertEquals(Optional.empty(), RULES.refuse(spec(null, null)));
        assertEquals(Optional.empty(), RULES.refuse(spec("registry/x:2", new SandboxResources("2000m", "1Gi", "2Gi"))));
        assertEquals(Optional.empty(), RULES.refuse(spec("image:1", null, "api.example.org", "a.b.example.com")));
        refused("image 'image:12'", spec("image:12", null));
        refused("maxResources.cpu", spec(null, new SandboxResources("2001m", null, null)));
        refused("maxResources.memory", spec(null, new SandboxResources(null, "1025Mi", null)));
        refused("maxResources.disk", spec(null, new SandboxResources(null, null, "3Gi")));
        refused(".cpu must be more than 0", spec(null, new SandboxResources("0", null, null)));
        refused(".memory must be at least", spec(null, new SandboxResources(null, "64Mi", null)));
        refused(
                "workspace.size",
                new SandboxSpec(
                        null,
                        null,
                        null,
                        new SandboxSpec.Workspace(false, "1".repeat(20) + "Gi", null),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null));
        refused("host 'example.com'", spec(null, null, "example.com"));
        refused("host 'evilexample.com'", spec(null, null, "evilexample.com"));
        refused("host 'api.example.org.evil.net'", spec(null, null, "api.example.org.evil.net"));
    }

    @Test
    void aCeilingThatIsNoQuantityAllowsNothingAndSaysSo() {
        var absurd = new SandboxRules(new TenantSandbox(
                List.of("image:1"),
                null,
                null,
                null,
                null,
                new SandboxResources("10000000000m", null, null),
                null,
                null));
        String why = absurd.refuse(request("k", 60, 60, "1Gi")).orElseThrow();
        assertTrue(why.contains("maxResources '10000000000m' is no quantity of CPU"), why);
    }

    @Test
    void withoutATenantsWordNoImageIsAllowed() {
        var none = new SandboxRules(null);
        assertTrue(none.refuse(spec("image:1", null)).isPresent());
        assertTrue(none.refuse(spec(null, null)).isPresent());
        assertEquals(Optional.empty(), none.defaultImage());
        assertEquals(Optional.of("image:1"), RULES.defaultImage());
    }

    private static SandboxState.Request request(String key, Integer idle, Integer max, String size) {
        return new SandboxState.Request(
                key,
                null,
                SandboxScope.Run,
                "image:1",
                new SandboxResources("1", "512Mi", "1Gi"),
                new SandboxSpec.Workspace(false, size, null),
                idle,
                max,
                false);
    }

    @Test
    void whatARuntimeAsksForIsNotBelieved() {
        assertEquals(Optional.empty(), RULES.refuse(request("k", 300, 3600, "1Gi")));
        for (var bad : List.of(
                request("a/b", 300, 3600, "1Gi"),
                request("k".repeat(64), 300, 3600, "1Gi"),
                request("k", 0, 3600, "1Gi"),
                request("k", null, 3600, "1Gi"),
                request("k", 300, 604_801, "1Gi"),
                request("k", 300, 3600, "0Gi"),
                request("k", 300, 3600, "1Ti"),
                request("k", 300, 3600, "9".repeat(30) + "Gi"))) {
            assertTrue(RULES.refuse(bad).isPresent(), bad.toString());
        }
    }

    @Test
    void amountsAreNumbers() {
        assertEquals(
                SandboxAmounts.of(new SandboxResources("1", "1Gi", "2Gi")),
                SandboxAmounts.of(new SandboxResources("1000m", "1024Mi", "2048Mi")));
        assertEquals(
                500, SandboxAmounts.of(new SandboxResources("0.5", null, null)).cpuMillis());
        assertEquals(
                1, SandboxAmounts.of(new SandboxResources("0.1m", null, null)).cpuMillis());
        assertEquals(new SandboxAmounts(1000, 512, 1024), SandboxAmounts.of(null));
        for (String text : List.of("", "m", "-1", "1e9", "1".repeat(32))) {
            assertThrows(
                    IllegalArgumentException.class, () -> SandboxAmounts.of(new SandboxResources(text, null, null)));
        }
    }
}
