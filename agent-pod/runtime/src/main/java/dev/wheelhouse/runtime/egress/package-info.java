/** What commands in sandboxes may send to the world: a proxy that allows, adds credentials, bounds and journals. */
package dev.wheelhouse.runtime.egress;
