package dev.wheelhouse.api.v1alpha1;

/** Who shares one sandbox. */
public enum SandboxScope {
    Run,
    Thread,
    Tenant
}
