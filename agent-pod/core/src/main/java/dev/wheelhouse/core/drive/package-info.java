/** The one place that acts: does the harness's steps through ports, in the order that makes them survive. */
package dev.wheelhouse.core.drive;
