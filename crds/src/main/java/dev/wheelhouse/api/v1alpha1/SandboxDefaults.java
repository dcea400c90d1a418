package dev.wheelhouse.api.v1alpha1;

/** The schema's defaults of a sandbox, for objects that did not pass it: one copy for operator and runtimes. */
public final class SandboxDefaults {
    /** As the fields of {@link SandboxResources} default. */
    public static final SandboxResources RESOURCES = new SandboxResources("1", "512Mi", "1Gi");
    /** As {@link SandboxSpec.Workspace#size()} defaults. */
    public static final String WORKSPACE = "1Gi";

    private SandboxDefaults() {}
}
