/** When a Schedule fires and what it does then: pure decisions, no clock and no API of their own. */
package dev.wheelhouse.operator.domain.schedule;
