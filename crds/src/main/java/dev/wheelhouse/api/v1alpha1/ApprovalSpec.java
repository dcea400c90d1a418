package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** The request, which nobody can change, and the decisions, which people add. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.request == oldSelf.request",
        message = "spec.request is immutable: it is what people decide about")
@ValidationRule(
        value = "!has(self.decisions) || self.decisions.all(k, self.decisions[k].verdict in self.request.verdicts)",
        message = "verdict is not allowed for this request; see spec.request.verdicts")
@ValidationRule(
        value = "!has(self.decisions) || self.decisions.all(k, (self.decisions[k].verdict == 'Edit') =="
                + " has(self.decisions[k].arguments))",
        message = "arguments belong to verdict 'Edit', which needs them: the new arguments as JSON text")
@ValidationRule(
        value = "!has(self.decisions) || self.decisions.all(k, (self.decisions[k].verdict == 'Respond') =="
                + " has(self.decisions[k].answer))",
        message = "answer belongs to verdict 'Respond', which needs it")
public record ApprovalSpec(
        @JsonPropertyDescription("What is to be decided. Written once by the runtime.") @Required
        ApprovalRequest request,

        @JsonPropertyDescription("Decisions by user name. Add your own with kubectl patch; policies hold everybody to"
                + " their own name, and nobody can change or remove a decision.")
        Map<String, Decision> decisions) {}
