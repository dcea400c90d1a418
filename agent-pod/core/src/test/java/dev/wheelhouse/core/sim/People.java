package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** What people do about a question. */
@FunctionalInterface
interface People {
    /** They never answer, and the question never expires. */
    People NOBODY = (request, happened) -> List.of();

    /**
     * @param happened whether the call in doubt happened; what a person who looks finds out
     */
    List<Act> about(Request request, boolean happened);

    /**
     * Something done after a while.
     *
     * @param verdict null: see {@code otherwise}
     */
    record Act(Duration after, Verdict verdict, Otherwise otherwise, String text) {}

    /** What is no verdict. */
    enum Otherwise {
        EXPIRES,
        DELETE,
        /** Approved while nobody could tell by whom. */
        FORGED
    }

    static Act says(Duration after, Verdict verdict) {
        return new Act(after, verdict, null, null);
    }

    static Act does(Duration after, Otherwise otherwise) {
        return new Act(after, null, otherwise, null);
    }

    static Act expires(Request request) {
        return does(lifetime(request), Otherwise.EXPIRES);
    }

    /** From the start of the simulation. */
    static Duration lifetime(Request request) {
        return Duration.between(Specs.START, java.time.Instant.parse(request.expiresAt()));
    }

    static List<Act> truth(boolean happened, Duration after) {
        return List.of(says(after, happened ? Verdict.Happened : Verdict.DidNotHappen));
    }

    /** Does any of these things, sometimes two at once, sometimes at the very moment of expiry. */
    static People whimsical(RandomGenerator random) {
        return (request, happened) -> {
            Duration soon = Duration.ofSeconds(random.nextInt(1, 20));
            if (request.kind() == Request.Kind.InDoubt) {
                return truth(happened, soon);
            }
            if (request.supersedes() != null) {
                return List.of(says(soon, Verdict.Approve), expires(request));
            }
            Act approval = says(soon, Verdict.Approve);
            return switch (random.nextInt(8)) {
                case 0 -> List.of(approval, expires(request));
                case 1 -> List.of(says(soon, Verdict.Reject), expires(request));
                case 2 -> List.of(approval, says(soon, Verdict.Reject), expires(request));
                case 3 -> List.of(says(lifetime(request), Verdict.Approve), expires(request));
                case 4 -> List.of(does(soon, Otherwise.DELETE), approval, expires(request));
                case 5 -> List.of(does(soon, Otherwise.FORGED), expires(request));
                case 6 -> List.of(new Act(soon, Verdict.Edit, null, "{\"to\":\"carol\"}"), approval, expires(request));
                default -> List.of(new Act(soon, Verdict.Respond, null, "no need"), expires(request));
            };
        };
    }
}
