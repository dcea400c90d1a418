/** Everything that touches the Kubernetes API: what is read becomes domain values, and every write is made here. */
package dev.wheelhouse.operator.kube;
