/** One small reconciler a kind: reads what is there, asks the domain what to do, and has it written. */
package dev.wheelhouse.operator.reconcile;
