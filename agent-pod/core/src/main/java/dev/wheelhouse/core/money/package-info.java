/** Tokens and micro-dollars, in whole numbers. */
package dev.wheelhouse.core.money;
