package dev.wheelhouse.runtime.pin;

import dev.wheelhouse.api.v1alpha1.AgentSpec;
import dev.wheelhouse.api.v1alpha1.ModelSpec;
import dev.wheelhouse.api.v1alpha1.SecretKey;
import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.harness.PinnedModel;
import dev.wheelhouse.core.money.Prices;
import dev.wheelhouse.runtime.model.ModelBinding;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import okhttp3.HttpUrl;

/** Copies the models of an agent. */
record ModelPins(Catalog catalog, SecretFiles secrets, Missing missing) {
    private static final long MAX_OUTPUT_TOKENS = 4096;
    private static final int TIMEOUT_SECONDS = 120;
    private static final int ATTEMPTS = 4;

    /** The model and its fallbacks, in order, each once. */
    List<PinnedModel> of(AgentSpec agent, boolean costLimited) throws Pinning.Refused {
        List<PinnedModel> pinned = new ArrayList<>();
        List<String> fallbacks = agent.fallbackModels() == null ? List.of() : agent.fallbackModels();
        for (String name : Stream.concat(Stream.of(agent.model()), fallbacks.stream())
                .distinct()
                .toList()) {
            Optional<ModelSpec> model = catalog.model(name);
            if (model.isEmpty()) {
                missing.add("Model/" + name, "Model '" + name + "' does not exist; create it");
                continue;
            }
            if (costLimited && model.get().prices() == null) {
                throw new Pinning.Refused("PriceUnknown: the run has a cost limit, but Model '" + name
                        + "' has no prices; set its spec.prices or remove the limit costMicros");
            }
            String endpoint = model.get().endpoint();
            if (endpoint != null && HttpUrl.parse(endpoint) == null) {
                throw new Pinning.Refused("the endpoint of Model '" + name + "' is no usable URL: " + endpoint
                        + "; correct its spec.endpoint");
            }
            checkSecret(model.get().secret());
            pinned.add(pin(name, model.get(), agent));
        }
        return pinned;
    }

    private void checkSecret(SecretKey ref) {
        if (ref != null) {
            try {
                secrets.read(ref);
            } catch (SecretUnavailable e) {
                missing.add("Secret/" + e.secret(), e.getMessage());
            }
        }
    }

    private static PinnedModel pin(String name, ModelSpec model, AgentSpec agent) {
        return new PinnedModel(
                name,
                model.provider().name(),
                prices(model.prices()),
                agent.maxOutputTokens() == null ? MAX_OUTPUT_TOKENS : agent.maxOutputTokens(),
                Duration.ofSeconds(model.timeoutSeconds() == null ? TIMEOUT_SECONDS : model.timeoutSeconds()),
                model.attempts() == null ? ATTEMPTS : model.attempts(),
                ModelBinding.of(model));
    }

    static Prices prices(dev.wheelhouse.api.v1alpha1.Prices prices) {
        return prices == null
                ? null
                : new Prices(
                        prices.input(),
                        prices.cachedInput() == null ? prices.input() : prices.cachedInput(),
                        prices.output());
    }
}
