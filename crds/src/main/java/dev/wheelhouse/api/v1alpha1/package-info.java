/**
 * The typed API of {@code wheelhouse.dev/v1alpha1}.
 *
 * <p>Every type ignores fields it does not know, so that an older operator keeps running after a newer CRD stored a
 * new field (Fabric8 stops an informer on the first unknown one). Descriptions, bounds and defaults live here and
 * become the CRD schema; the YAML under {@code crds/} is generated from these classes and checked for drift.
 */
package dev.wheelhouse.api.v1alpha1;
