/** What people must decide: when, about what exactly, and what their decisions mean. */
package dev.wheelhouse.core.approval;
