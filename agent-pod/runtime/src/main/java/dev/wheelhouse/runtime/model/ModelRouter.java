package dev.wheelhouse.runtime.model;

import dev.wheelhouse.api.v1alpha1.Provider;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;

/** Calls each model through the adapter of its provider. A new provider is one adapter and one branch here. */
public final class ModelRouter implements ModelPort {
    private final ModelPort scripted = new ScriptedModel();
    private final ModelPort openai;
    private final ModelPort anthropic;

    /** Cheap: the providers' SDKs are loaded by the first call that needs them. */
    public ModelRouter(SecretFiles secrets, Http http) {
        this.openai = new OpenAiModel(secrets, http);
        this.anthropic = new AnthropicModel(secrets);
    }

    @Override
    public ModelReply call(ModelRequest request, TextSink sink) throws ModelException, InterruptedException {
        return switch (provider(request.model().provider())) {
            case scripted -> scripted.call(request, sink);
            case openai -> openai.call(request, sink);
            case anthropic -> anthropic.call(request, sink);
        };
    }

    private static Provider provider(String name) throws ModelException {
        try {
            return Provider.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new ModelException(
                    ModelException.Kind.REJECTED,
                    "this runtime does not know the provider '" + name + "'; upgrade it or change the Model",
                    null);
        }
    }
}
