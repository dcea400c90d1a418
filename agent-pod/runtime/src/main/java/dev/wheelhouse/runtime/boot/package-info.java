/** The application around the host of runs: configuration, wiring, health, start and end of the process. */
package dev.wheelhouse.runtime.boot;
