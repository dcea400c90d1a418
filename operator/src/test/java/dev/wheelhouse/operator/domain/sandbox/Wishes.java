package dev.wheelhouse.operator.domain.sandbox;

import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.api.v1alpha1.SandboxDefaults;
import dev.wheelhouse.api.v1alpha1.SandboxResources;
import dev.wheelhouse.api.v1alpha1.SandboxScope;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import dev.wheelhouse.operator.domain.RunId;
import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.time.Instant;
import java.util.List;

/** Runs that want sandboxes, and pods, for tests. */
final class Wishes {
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    static final String SHAPE = "shape";
    static final SandboxRules RULES = new SandboxRules(new TenantSandbox(
            List.of("image:1", "registry/*"),
            null,
            List.of("api.example.org", "*.example.com"),
            null,
            null,
            new SandboxResources("2", "1Gi", "2Gi"),
            null,
            null));

    private Wishes() {}

    static SandboxState.Request request(
            String key, String after, String image, boolean keepWhileWaiting, boolean keep) {
        return new SandboxState.Request(
                key,
                after,
                SandboxScope.Run,
                image,
                new SandboxResources("1", "512Mi", "1Gi"),
                new SandboxSpec.Workspace(keep, "1Gi", null),
                SandboxDefaults.IDLE_SECONDS,
                3600,
                keepWhileWaiting);
    }

    static Claimant run(String name, String key) {
        return run(name, key, "", "", false);
    }

    static Claimant run(String name, String key, String after, String inUse, boolean waiting) {
        return new Claimant(
                new RunId("ns", name, "uid-" + name),
                "a",
                waiting,
                request(key, after, "image:1", false, false),
                inUse);
    }

    static SandboxView pod(String name, String key, Life life) {
        return new SandboxView("ns", name, "uid-" + name, "1", key, SHAPE, "", life, false, T0, null);
    }

    /** The claim by which a run has a warm pod. */
    static SandboxClaim claim(String pod, String run, String key) {
        return new SandboxClaim(pod, "uid-" + pod, run, "uid-" + run, key, "", 3600);
    }

    static Warm warm(int replicas) {
        return new Warm(replicas, "image:1", null, SHAPE);
    }

    static List<SandboxAction> decide(List<Claimant> runs, List<SandboxView> pods, int warm) {
        return SandboxPlan.decide(new SandboxPlan.Situation(runs, pods, RULES, warm(warm), true, T0.plusSeconds(60)));
    }
}
