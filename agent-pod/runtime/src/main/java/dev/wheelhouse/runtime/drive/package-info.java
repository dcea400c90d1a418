/**
 * Drives runs: says that this process lives ({@code Registration}), learns which runs it holds ({@code Assignments}),
 * runs core's loop for each ({@code RunDriver}) and writes what came of it ({@code RunStatusWriter}, the one place).
 */
package dev.wheelhouse.runtime.drive;
