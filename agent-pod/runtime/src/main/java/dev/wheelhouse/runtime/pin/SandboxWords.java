package dev.wheelhouse.runtime.pin;

import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import java.util.List;
import java.util.stream.Collectors;

/** A sandbox in words for the model, so that it need not find out by failing. */
final class SandboxWords {
    private static final int MAX_REACH = 2000;

    private SandboxWords() {}

    static String reach(List<SandboxSpec.EgressRule> rules) {
        if (rules.isEmpty()) {
            return "none.";
        }
        String hosts = rules.stream().map(SandboxWords::rule).collect(Collectors.joining("; "));
        return "only, through a proxy that is set up already, "
                + (hosts.length() <= MAX_REACH ? hosts : hosts.substring(0, MAX_REACH) + "…") + ".";
    }

    private static String rule(SandboxSpec.EgressRule rule) {
        String scheme = rule.scheme() == null ? "https" : rule.scheme().name();
        String methods = rule.methods() == null ? "GET, HEAD" : String.join(", ", rule.methods());
        return methods + " " + scheme + "://" + rule.host() + (rule.port() == null ? "" : ":" + rule.port()) + " "
                + String.join(", ", rule.paths())
                + (rule.credential() == null ? "" : " (credentials are added, have none of your own)");
    }

    static String survives(SandboxState.Request request) {
        String idle = " It stops after " + request.idleSeconds() + " s without a command"
                + (request.keepWhileWaiting() ? "." : " and while the run waits for something.");
        String files = Boolean.TRUE.equals(request.workspace().keep())
                ? " Files in /workspace are still there in the next one; those in /tmp are not."
                : " Its files are lost with it; save_artifact keeps what people shall get.";
        String shared = switch (request.scope()) {
            case Run -> "";
            case Thread -> " Other runs of the same thread use the same sandbox.";
            case Tenant -> " Other runs of this agent use the same sandbox.";
        };
        return "The sandbox stays from one call to the next." + idle + files + shared;
    }
}
