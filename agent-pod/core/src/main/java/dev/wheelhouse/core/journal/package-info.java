/** A run's only truth: an append-only chain of records, and the port to what stores it. */
package dev.wheelhouse.core.journal;
