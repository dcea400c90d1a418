package dev.wheelhouse.runtime.drive;

/** The pod this process runs in. */
public record PodIdentity(String namespace, String name, String uid) {}
