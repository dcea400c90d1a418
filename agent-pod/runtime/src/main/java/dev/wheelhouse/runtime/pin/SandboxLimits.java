package dev.wheelhouse.runtime.pin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.SandboxDefaults;
import dev.wheelhouse.api.v1alpha1.SandboxResources;
import dev.wheelhouse.api.v1alpha1.SandboxShape;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.TenantAllows;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.journal.Canonical;
import dev.wheelhouse.runtime.outbound.Cidr;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a Tenant allows to sandboxes. Each refusal names the field and the fix. */
final class SandboxLimits {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SandboxResources DEFAULT = SandboxDefaults.RESOURCES;

    private final TenantSandbox tenant;
    private final List<String> images;
    private final List<String> privateNetworks;

    /**
     * @param tenant null: it says nothing
     * @param chartImage the one image that is allowed where the Tenant names none; null if the chart names none either
     */
    SandboxLimits(TenantSandbox tenant, String chartImage) throws Pinning.Refused {
        this.tenant = tenant == null ? new TenantSandbox(null, null, null, null, null, null, null, null) : tenant;
        this.images = this.tenant.images() != null
                ? this.tenant.images()
                : Optional.ofNullable(chartImage).map(List::of).orElse(List.of());
        this.privateNetworks = Objects.requireNonNullElse(this.tenant.privateNetworks(), List.of());
        for (String network : privateNetworks) {
            try {
                Cidr.parse(network);
            } catch (IllegalArgumentException e) {
                throw new Pinning.Refused("TenantInvalid: spec.sandbox.privateNetworks of the Tenant holds '" + network
                        + "', which is no network in CIDR notation; correct it");
            }
        }
    }

    /** Shape of the warm sandboxes that are as good as this; null: none are. */
    String warmShape(SandboxState.Request request) {
        try {
            return SandboxShape.ofWarm(request, tenant.runtimeClassName());
        } catch (IllegalArgumentException e) {
            return null; // No quantity; the operator says so when it is asked for the sandbox.
        }
    }

    boolean requireIsolation() {
        return Boolean.TRUE.equals(tenant.requireIsolation());
    }

    List<String> privateNetworks() {
        return privateNetworks;
    }

    /** What of the Tenant makes a sandbox another one. */
    JsonNode json() {
        ObjectNode json = JSON.createObjectNode()
                .put("runtimeClassName", tenant.runtimeClassName())
                .put("caBundle", tenant.caBundle() == null ? null : Canonical.digest(tenant.caBundle()))
                .put("requireIsolation", requireIsolation());
        json.set("privateNetworks", JSON.valueToTree(privateNetworks));
        return json;
    }

    /** @param wanted null: the default */
    String image(String wanted) throws Pinning.Refused {
        if (wanted == null) {
            return images.stream()
                    .filter(image -> !image.endsWith("*"))
                    .findFirst()
                    .orElseThrow(() -> new Pinning.Refused("AgentInvalid: the Agent has no spec.sandbox.image, and"
                            + " neither the Tenant's spec.sandbox.images nor the chart names a default; set one"));
        }
        if (!TenantAllows.image(images, wanted)) {
            throw new Pinning.Refused("AgentInvalid: spec.sandbox.image '" + wanted
                    + "' of the Agent is not allowed here; use one of " + images
                    + ", or have it added to spec.sandbox.images of the Tenant");
        }
        return wanted;
    }

    /** @param wanted null, or null in it: the defaults */
    SandboxResources resources(SandboxResources wanted) throws Pinning.Refused {
        SandboxResources r = wanted == null ? DEFAULT : wanted;
        SandboxResources most = tenant.maxResources();
        return new SandboxResources(
                within("cpu", r.cpu(), DEFAULT.cpu(), most == null ? null : most.cpu()),
                within("memory", r.memory(), DEFAULT.memory(), most == null ? null : most.memory()),
                within("disk", r.disk(), DEFAULT.disk(), most == null ? null : most.disk()));
    }

    private static String within(String field, String wanted, String otherwise, String most) throws Pinning.Refused {
        String value = wanted == null ? otherwise : wanted;
        if (most != null
                && Quantity.getAmountInBytes(Quantity.parse(value))
                                .compareTo(Quantity.getAmountInBytes(Quantity.parse(most)))
                        > 0) {
            throw new Pinning.Refused("AgentInvalid: spec.sandbox.resources." + field + " of the Agent is " + value
                    + ", but the Tenant allows at most " + most + "; lower it, or raise spec.sandbox.maxResources."
                    + field + " of the Tenant");
        }
        return value;
    }

    void check(List<SandboxSpec.EgressRule> rules) throws Pinning.Refused {
        for (SandboxSpec.EgressRule rule : rules) {
            if (!TenantAllows.host(tenant.hosts(), rule.host())) {
                throw new Pinning.Refused("AgentInvalid: spec.sandbox.egress of the Agent allows host '" + rule.host()
                        + "', which the Tenant does not allow; remove the rule, or add the host to"
                        + " spec.sandbox.hosts of the Tenant");
            }
        }
    }
}
