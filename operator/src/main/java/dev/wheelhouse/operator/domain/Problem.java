package dev.wheelhouse.operator.domain;

/**
 * Why something cannot be used as it stands.
 *
 * @param reason condition reason, CamelCase
 * @param object the object that has to appear or change, as {@code Kind/name}
 * @param message names the object and the fix
 */
public record Problem(String reason, String object, String message) {}
