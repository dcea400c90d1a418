package dev.wheelhouse.runtime.pin;

import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.AgentTool;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.ApprovalRule;
import dev.wheelhouse.api.v1alpha1.AskRule;
import dev.wheelhouse.api.v1alpha1.TenantApprovals;
import dev.wheelhouse.core.approval.Gate;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.runtime.approval.CelConditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which calls of a run need a person: the Agent's rule, which the Tenant's floors only tighten. */
final class Gates {
    private static final long DAY = 86_400;

    private final TenantApprovals tenant;
    private final CelConditions conditions;

    /** @param tenant null: it asks for nothing */
    Gates(TenantApprovals tenant, CelConditions conditions) {
        this.tenant = tenant;
        this.conditions = conditions;
    }

    /** The tools, each with its gate. */
    List<PinnedTool> gated(AgentSpec agent, List<PinnedTool> tools) throws Pinning.Refused {
        List<PinnedTool> gated = new ArrayList<>();
        for (PinnedTool tool : tools) {
            gated.add(tool.asks() ? tool.gated(question(agent.ask())) : gated(agent, tool));
        }
        return gated;
    }

    private PinnedTool gated(AgentSpec agent, PinnedTool tool) throws Pinning.Refused {
        ApprovalRule own = (agent.tools() == null ? List.<AgentTool>of() : agent.tools())
                .stream()
                        .filter(t ->
                                t.server().equals(tool.server()) && t.name().equals(tool.name()))
                        .flatMap(t -> Stream.ofNullable(t.approval()))
                        .findFirst()
                        .orElse(null);
        List<ApprovalRule> rules = Stream.concat(
                        Stream.ofNullable(own),
                        floors().stream().filter(floor -> holds(floor, tool)).map(TenantApprovals.Floor::rule))
                .filter(rule -> rule.mode() != ApprovalRule.Mode.Never)
                .toList();
        if (rules.isEmpty()) {
            return tool;
        }
        for (ApprovalRule rule : rules) {
            check(rule, tool);
        }
        return tool.gated(rules.stream().map(Gates::gate).reduce(Gates::both).orElseThrow());
    }

    private void check(ApprovalRule rule, PinnedTool tool) throws Pinning.Refused {
        if (rule.mode() == ApprovalRule.Mode.When) {
            String wrong = conditions.wrong(rule.when());
            if (wrong != null) {
                throw new Pinning.Refused("AgentInvalid: approval.when of tool '" + tool.name()
                        + "' (in the Agent or in a floor of the Tenant) is no usable CEL expression: " + wrong
                        + "; correct it");
            }
        }
    }

    private List<TenantApprovals.Floor> floors() {
        return tenant == null || tenant.floors() == null ? List.of() : tenant.floors();
    }

    private static boolean holds(TenantApprovals.Floor floor, PinnedTool tool) {
        return (floor.toolServer() == null || floor.toolServer().equals(tool.server()))
                && (floor.tool() == null || floor.tool().equals(tool.name()))
                && (floor.effects() == null
                        || floor.effects().isEmpty()
                        || floor.effects().stream().anyMatch(effect -> same(effect, tool.effect())));
    }

    private static boolean same(dev.wheelhouse.api.v1alpha1.EffectClass declared, EffectClass effect) {
        return effect
                == switch (declared) {
                    case readOnly -> EffectClass.READ_ONLY;
                    case idempotent -> EffectClass.IDEMPOTENT;
                    case reconcilable -> EffectClass.RECONCILABLE;
                    case atMostOnce -> EffectClass.AT_MOST_ONCE;
                };
    }

    private static Gate gate(ApprovalRule rule) {
        return new Gate(
                rule.mode() == ApprovalRule.Mode.When ? List.of(rule.when()) : List.of(),
                list(rule.approverGroups()),
                list(rule.escalationGroups()),
                rule.escalateAfterSeconds() == null ? null : Duration.ofSeconds(rule.escalateAfterSeconds()),
                rule.quorum() == null ? 1 : rule.quorum(),
                rule.rejectQuorum() == null ? 1 : rule.rejectQuorum(),
                Boolean.TRUE.equals(rule.allowEdit()),
                Boolean.TRUE.equals(rule.allowServiceAccounts()),
                Duration.ofSeconds(rule.expiresAfterSeconds() == null ? DAY : rule.expiresAfterSeconds()),
                onExpiry(rule.onExpiry()));
    }

    /** What satisfies both. Groups that have nothing in common cannot be: then those of the floor decide. */
    static Gate both(Gate own, Gate floor) {
        boolean always = own.when().isEmpty() || floor.when().isEmpty();
        boolean floorNames = !floor.approverGroups().isEmpty();
        List<String> common = own.approverGroups().stream()
                .filter(floor.approverGroups()::contains)
                .toList();
        List<String> narrowed = common.isEmpty() ? floor.approverGroups() : common;
        return new Gate(
                always
                        ? List.of()
                        : Stream.concat(own.when().stream(), floor.when().stream())
                                .distinct()
                                .toList(),
                floorNames ? narrowed : own.approverGroups(),
                floorNames ? floor.escalationGroups() : own.escalationGroups(),
                floorNames ? floor.escalateAfter() : own.escalateAfter(),
                Math.max(own.quorum(), floor.quorum()),
                Math.min(own.rejectQuorum(), floor.rejectQuorum()),
                own.allowEdit() && floor.allowEdit(),
                own.allowServiceAccounts() && floor.allowServiceAccounts(),
                own.expiresAfter().compareTo(floor.expiresAfter()) < 0 ? own.expiresAfter() : floor.expiresAfter(),
                own.onExpiry() == Request.OnExpiry.FailRun ? own.onExpiry() : floor.onExpiry());
    }

    private static Gate question(AskRule rule) {
        return new Gate(
                List.of(),
                list(rule.approverGroups()),
                List.of(),
                null,
                1,
                1,
                false,
                false,
                Duration.ofSeconds(rule.expiresAfterSeconds() == null ? DAY : rule.expiresAfterSeconds()),
                onExpiry(rule.onExpiry()));
    }

    /** Who is asked about effects of unknown outcome. */
    Gate inDoubt() {
        TenantApprovals.InDoubt rule = tenant == null ? null : tenant.inDoubt();
        if (rule == null) {
            return Gate.IN_DOUBT;
        }
        return new Gate(
                List.of(),
                list(rule.approverGroups()),
                list(rule.escalationGroups()),
                rule.escalateAfterSeconds() == null ? null : Duration.ofSeconds(rule.escalateAfterSeconds()),
                rule.quorum() == null ? 1 : rule.quorum(),
                1,
                false,
                false,
                rule.expiresAfterSeconds() == null
                        ? Gate.IN_DOUBT.expiresAfter()
                        : Duration.ofSeconds(rule.expiresAfterSeconds()),
                rule.onExpiry() == null ? Gate.IN_DOUBT.onExpiry() : onExpiry(rule.onExpiry()));
    }

    private static Request.OnExpiry onExpiry(ApprovalRequest.OnExpiry onExpiry) {
        return onExpiry == ApprovalRequest.OnExpiry.FailRun ? Request.OnExpiry.FailRun : Request.OnExpiry.Reject;
    }

    private static List<String> list(List<String> given) {
        return given == null ? List.of() : List.copyOf(given);
    }
}
