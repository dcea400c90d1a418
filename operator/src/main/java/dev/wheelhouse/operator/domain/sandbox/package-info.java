/** Which sandbox pods should exist and whose they are: pure, without Kubernetes and without a clock. */
package dev.wheelhouse.operator.domain.sandbox;
