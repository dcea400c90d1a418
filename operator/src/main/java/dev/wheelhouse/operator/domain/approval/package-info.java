/** What becomes of an Approval: a pure function of the request, the decisions and when they were seen, and the time. */
package dev.wheelhouse.operator.domain.approval;
