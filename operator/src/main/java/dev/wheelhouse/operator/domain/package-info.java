/**
 * What the operator decides, as pure functions and small state machines: no Kubernetes, no Quarkus, no clock of their
 * own. Time comes in as an argument, so that every order of events can be tested.
 */
package dev.wheelhouse.operator.domain;
