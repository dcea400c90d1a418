package dev.wheelhouse.api.v1alpha1;

/** The schema's defaults of a sandbox, for objects that did not pass it: one copy for operator and runtimes. */
public final class SandboxDefaults {
    /** As the fields of {@link SandboxResources} default. */
    public static final SandboxResources RESOURCES = new SandboxResources("1", "512Mi", "1Gi");
    /** As {@link SandboxSpec.Workspace#size()} defaults. */
    public static final String WORKSPACE = "1Gi";

    /** As {@link SandboxSpec#idleSeconds()} defaults. */
    public static final int IDLE_SECONDS = 300;
    /** As {@link SandboxSpec#maxSeconds()} defaults. */
    public static final int MAX_SECONDS = 3600;

    private SandboxDefaults() {}
}
