package dev.wheelhouse.operator.domain;

/**
 * A runtime process that can take runs.
 *
 * @param holder {@code <podUID>.<random>}, drawn at each process start
 */
public record RuntimeRef(String namespace, String pod, String podUid, String holder) {}
