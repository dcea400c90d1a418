package dev.wheelhouse.operator.domain;

/** Identity of a run. The UID tells a run from a later one of the same name. */
public record RunId(String namespace, String name, String uid) {}
