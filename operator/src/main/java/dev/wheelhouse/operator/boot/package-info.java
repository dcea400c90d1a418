/** Wiring, configuration, leader election, health. */
package dev.wheelhouse.operator.boot;
