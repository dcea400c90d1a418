/**
 * Sandboxes as a runtime sees them: pods that dial in and show who they are, commands and files in them, what is known
 * of calls whose outcome was not seen. Everything that comes from a sandbox is hostile.
 */
package dev.wheelhouse.runtime.sandbox;
