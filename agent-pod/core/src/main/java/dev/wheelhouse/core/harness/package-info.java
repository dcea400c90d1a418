/** What a run does next, as a pure function of its journal; the port to models. */
package dev.wheelhouse.core.harness;
