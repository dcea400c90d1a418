package dev.wheelhouse.runtime.sandbox;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.RunSpec;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import java.util.List;

/**
 * What the tools of a sandbox need and the journal keeps.
 *
 * @param request what the operator is asked for; its {@code after} is always absent here
 * @param warmShape shape of the warm sandboxes that are as good, see {@link dev.wheelhouse.api.v1alpha1.SandboxShape};
 *     null: none are
 * @param requireIsolation whether commands need a proof that the network is closed; the Tenant's wish included
 * @param files put into the workspace before the first command
 * @param egress what commands may reach
 * @param egressLimits caps of it; null: the defaults
 * @param privateNetworks of the Tenant, as CIDRs
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SandboxBinding(
        SandboxState.Request request,
        String warmShape,
        boolean requireIsolation,
        List<RunSpec.InputFile> files,
        List<SandboxSpec.EgressRule> egress,
        SandboxSpec.EgressLimits egressLimits,
        List<String> privateNetworks) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public SandboxBinding {
        files = files == null ? List.of() : List.copyOf(files);
        egress = egress == null ? List.of() : List.copyOf(egress);
        privateNetworks = privateNetworks == null ? List.of() : List.copyOf(privateNetworks);
    }

    public JsonNode json() {
        return JSON.valueToTree(this);
    }

    static SandboxBinding of(JsonNode pinned) {
        try {
            return JSON.treeToValue(pinned, SandboxBinding.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the tool was pinned in a form that this runtime cannot read");
        }
    }

    /** The request for a pod in the place of one that is lost. */
    SandboxState.Request requestAfter(String lostUid) {
        return new SandboxState.Request(
                request.key(),
                lostUid,
                request.scope(),
                request.image(),
                request.resources(),
                request.workspace(),
                request.idleSeconds(),
                request.maxSeconds(),
                request.keepWhileWaiting());
    }

    boolean keepsWorkspace() {
        return Boolean.TRUE.equals(request.workspace().keep());
    }
}
