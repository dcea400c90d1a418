package dev.wheelhouse.api.v1alpha1;

/** Condition types: the contract for machines. {@code phase} is for people only. */
public final class ConditionType {
    /** Agent, Model, ToolServer, Tenant, Schedule: usable as it stands; False names what is missing. */
    public static final String READY = "Ready";
    /** Run: True on every end, so that {@code kubectl wait --for=condition=Complete} returns. Schedule: no more runs. */
    public static final String COMPLETE = "Complete";
    /** Run: True or False once complete, Unknown before. */
    public static final String SUCCEEDED = "Succeeded";
    /** Run: everything it refers to exists and is usable; False names what is missing. */
    public static final String ACCEPTED = "Accepted";
    /** Run: admitted within the tenant's limits and assigned to a runtime; False with a reason while it queues. */
    public static final String ASSIGNED = "Assigned";
    /** Run: True while it waits for something outside itself and holds no pod. */
    public static final String WAITING = "Waiting";

    /** Approval: the policies that make decisions trustworthy are in force; no decision counts otherwise. */
    public static final String IDENTITY_VERIFIED = "IdentityVerified";
    /** Approval: False names an edit or answer that does not fit the schema; its author may replace it. */
    public static final String DECISION_VALID = "DecisionValid";
    /** Approval: the Tenant's webhook took the message, or why it did not. */
    public static final String NOTIFIED = "Notified";
    /** Schedule: True while it starts no runs, by its spec or after repeated failures. */
    public static final String SUSPENDED = "Suspended";

    /** Run: True if its sandbox tried what must be out of reach and reached nothing; False names what it reached. */
    public static final String NETWORK_ISOLATED = "NetworkIsolated";

    /**
     * Run: False names why its sandbox could not be made, True says that it came up after that. Absent if nothing ever
     * stood in its way. Written by the operator.
     */
    public static final String SANDBOX_READY = "SandboxReady";

    private ConditionType() {}
}
