package dev.wheelhouse.core.harness;

/**
 * What an earlier run of the thread was asked and answered.
 *
 * @param run its name
 */
public record PastTurn(String run, String input, String answer) {}
