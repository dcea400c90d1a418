/** What holds a run to its limits: each guard looks at every step before it happens. A new guard is one class here. */
package dev.wheelhouse.core.guard;
