package dev.wheelhouse.api.v1alpha1;

/** Patterns of fields; the generator of the CRDs gives each a message in words. */
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

    /** URL whose path and query may hold {name}; scheme, host and port are fixed text. */
    static final String URL_TEMPLATE = "^https?://[^\\s/@{}]+(/\\S*)?$";
    /** Quantity of CPU. */
    static final String CPU = "^[0-9]{1,9}(\\.[0-9]{1,9})?m?$";
    /** Quantity of memory. */
    static final String MEMORY = "^[0-9]{1,15}(Mi|Gi)$";
    /** Digest with its algorithm. */
    static final String SHA256 = "^sha256:[0-9a-f]{64}$";

    /** Reference of an image. */
    static final String IMAGE = "^[a-zA-Z0-9][-a-zA-Z0-9._/:@]*$";
    /** Reference of an image, or the beginning of one and *. */
    static final String IMAGE_PATTERN = "^[a-zA-Z0-9][-a-zA-Z0-9._/:@]*\\*?$";
    /** Lower-case host name; an address is none. */
    static final String HOST = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)*[a-z]([-a-z0-9]*[a-z0-9])?$";
    /** Host name, or *.domain. */
    static final String HOST_PATTERN = "^(\\*\\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)*[a-z]([-a-z0-9]*[a-z0-9])?$";
    /** HTTP method. */
    static final String METHOD = "^[A-Z]+$";
    /** Absolute path, or the beginning of one and *. */
    static final String PATH = "^/[^\\s*?#]*\\*?$";
    /** Network in CIDR notation. */
    static final String CIDR = "^[0-9a-fA-F.:]+/[0-9]{1,3}$";
    /** Label value that is a name: RFC 1123 label. */
    static final String LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    /** Relative path whose parts do not begin with a dot. */
    static final String FILE = "^[^/.][^/]*(/[^/.][^/]*)*$";

    private Names() {}
}
