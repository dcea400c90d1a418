package dev.wheelhouse.api.v1alpha1;

/** Patterns of names, as Kubernetes validates them (RFC 1123). */
final class Names {
    /** Name of an object: RFC 1123 subdomain. */
    static final String DNS_1123 = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
    /** Key of a Secret or ConfigMap. */
    static final String KEY = "^[-._a-zA-Z0-9]+$";
    /** Name of a tool as model providers accept it. */
    static final String TOOL = "^[a-zA-Z0-9_-]+$";
    /** Name of an HTTP header: RFC 9110 token. */
    static final String HEADER = "^[-!#$%&'*+.^_`|~0-9A-Za-z]+$";
    /** Absolute http or https URL without user information. */
    static final String URL = "^https?://[^\\s/@]+(/\\S*)?$";

    private Names() {}
}
