package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus.Phase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Somebody takes away what makes decisions trustworthy: they are not believed, then or later. */
@Isolated("the policies are the whole cluster's: decisions of other tests would not be believed either")
class UnguardedApprovalE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Approvals approvals;
    private static Space space;
    private static CountingServer world;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("unguarded").tenant("runtime: {cpu: 10m, replicas: 1}");
        world = SPACES.common().world();
        space.world(world);
        approvals = new Approvals(space).people();
    }

    @Test
    void without_the_policy_nothing_is_done_and_later_it_is_asked_anew() {
        approvals.agent("held", "{tool: put, arguments: {what: held}}", Approvals.gated("mode: Always"));
        String first = approvals.ask("held");
        var bindings = Cluster.client()
                .genericKubernetesResources("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding");
        var binding = bindings.withName("wheelhouse-approval-decisions").get();
        bindings.resource(binding).delete();
        try {
            Space.await(
                    "the policy's end",
                    () -> approvals
                            .as("bob", "patch", "appr", first, "--type=merge", "--dry-run=server", "-p", forged())
                            .ok());
            approvals
                    .as("bob", "patch", "appr", first, "--type=merge", "-p", forged())
                    .orThrow();
            Approval seen = approvals.await(
                    first,
                    "held",
                    s -> s.conditions().stream().anyMatch(c -> "IdentityUnverified".equals(c.getReason())));
            assertEquals(Phase.Pending, seen.getStatus().phase());
            assertTrue(world.calls("held").isEmpty());
        } finally {
            binding.getMetadata().setResourceVersion(null);
            binding.getMetadata().setUid(null);
            bindings.resource(binding).create();
        }
        approvals.await(first, "withdrawn", s -> s.phase() == Phase.Withdrawn);
        String second =
                approvals.awaitAsked("held", names -> !names.contains(first)).getFirst();
        assertTrue(world.calls("held").isEmpty());
        approvals.decide("bob", second, "Approve", "").orThrow();
        space.awaitComplete("held");
        assertEquals(1, world.calls("held").size());
    }

    private static String forged() {
        return "{\"spec\":{\"decisions\":{\"carol\":{\"verdict\":\"Approve\"}}}}";
    }
}
