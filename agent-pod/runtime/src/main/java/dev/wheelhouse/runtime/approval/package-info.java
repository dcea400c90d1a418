/** Approvals at the API server: put, read live, used up, taken back; and telling people of them. */
package dev.wheelhouse.runtime.approval;
