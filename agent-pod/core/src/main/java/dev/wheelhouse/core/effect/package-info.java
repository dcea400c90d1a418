/** Calls that change the world, by what may be done when nobody knows whether they happened; the port to tools. */
package dev.wheelhouse.core.effect;
