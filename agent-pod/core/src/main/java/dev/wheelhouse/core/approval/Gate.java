package dev.wheelhouse.core.approval;

import java.time.Duration;
import java.util.List;

/**
 * When calls of a tool need a person, and which; rules of Agent and Tenant put together.
 *
 * @param when expressions of which one must hold; empty: every call needs a person
 * @param approverGroups empty: everybody with the right to approve
 * @param escalateAfter null: never
 * @param allowEdit whether arguments may be edited, or an answer given in place of the tool's
 */
public record Gate(
        List<String> when,
        List<String> approverGroups,
        List<String> escalationGroups,
        Duration escalateAfter,
        int quorum,
        int rejectQuorum,
        boolean allowEdit,
        boolean allowServiceAccounts,
        Duration expiresAfter,
        Request.OnExpiry onExpiry) {
    /** Asks one person with the right to approve; nobody answers within a week: the run fails. */
    public static final Gate IN_DOUBT = new Gate(
            List.of(), List.of(), List.of(), null, 1, 1, false, false, Duration.ofDays(7), Request.OnExpiry.FailRun);
}
