package dev.wheelhouse.api.v1alpha1;

import java.util.List;

/** How the lists of {@link TenantSandbox} are read: by the operator, which tells an Agent's author, and by runtimes. */
public final class TenantAllows {
    private TenantAllows() {}

    /** @param images exact, or ending with {@code *} for everything that begins so */
    public static boolean image(List<String> images, String image) {
        return images.stream()
                .anyMatch(allowed -> allowed.endsWith("*")
                        ? image.startsWith(allowed.substring(0, allowed.length() - 1))
                        : image.equals(allowed));
    }

    /** @param hosts exact, or {@code *.domain} for what is below it; null: any */
    public static boolean host(List<String> hosts, String host) {
        return hosts == null
                || hosts.stream()
                        .anyMatch(allowed -> allowed.startsWith("*.")
                                ? host.endsWith(allowed.substring(1)) && host.length() >= allowed.length()
                                : host.equals(allowed));
    }
}
