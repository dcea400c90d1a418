package dev.wheelhouse.operator.domain.sandbox;

import dev.wheelhouse.api.v1alpha1.SandboxAmounts;
import dev.wheelhouse.api.v1alpha1.SandboxResources;
import dev.wheelhouse.api.v1alpha1.SandboxSpec;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.api.v1alpha1.TenantAllows;
import dev.wheelhouse.api.v1alpha1.TenantSandbox;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What a Tenant allows to sandboxes, applied to what an Agent or a Run asks for. */
public final class SandboxRules {
    /** Runtimes use twenty digits. */
    private static final String KEY = "[a-z0-9]{1,63}";

    /** As in the CRD's schema, which a request in a status did not pass field by field. */
    private static final int MIN_SECONDS = 10;

    private static final int MAX_SECONDS = 604_800;
    private static final int MAX_IDLE = 86_400;
    /** Less than that leaves nothing beside the daemon that runs the commands. */
    private static final long MIN_MEMORY_MI = 96;

    private final List<String> images;
    private final List<String> hosts;
    private final SandboxAmounts max;
    /** Why the Tenant's {@code maxResources} are no ceiling, although the API server took them; or null. */
    private final String maxUnusable;

    /** {@code tenant}: with its images filled in; null allows no image at all. */
    public SandboxRules(TenantSandbox tenant) {
        this.images = tenant == null || tenant.images() == null ? List.of() : tenant.images();
        this.hosts = tenant == null ? null : tenant.hosts();
        SandboxAmounts ceiling = null;
        String unusable = null;
        try {
            ceiling = tenant == null || tenant.maxResources() == null ? null : SandboxAmounts.of(tenant.maxResources());
        } catch (IllegalArgumentException e) {
            unusable = e.getMessage();
        }
        this.max = ceiling;
        this.maxUnusable = unusable;
    }

    /** The image of whoever names none. */
    public Optional<String> defaultImage() {
        return images.stream().filter(image -> !image.endsWith("*")).findFirst();
    }

    /** Why an Agent cannot have this sandbox, as "spec.sandbox.x ... ; what to do". */
    public Optional<String> refuse(SandboxSpec spec) {
        return first(
                () -> spec.image() == null && defaultImage().isEmpty()
                        ? Optional.of("spec.sandbox.image is not set and the Tenant names no default image; set it")
                        : image(spec.image()).map(why -> "spec.sandbox.image " + why),
                () -> resources(spec.resources()).map(why -> "spec.sandbox.resources" + why),
                () -> workspace(spec.workspace()).map(why -> "spec.sandbox." + why),
                () -> spec.egress() == null
                        ? Optional.empty()
                        : spec.egress().stream()
                                .map(SandboxSpec.EgressRule::host)
                                .filter(host -> !TenantAllows.host(hosts, host))
                                .findFirst()
                                .map(host -> "spec.sandbox.egress names host '" + host
                                        + "', which the Tenant does not allow; it allows: " + listed(hosts)
                                        + ". Remove the rule, or have the host added to the Tenant's"
                                        + " spec.sandbox.hosts"));
    }

    /** Why the operator does not make this sandbox. */
    public Optional<String> refuse(SandboxState.Request wanted) {
        return first(
                () -> wanted.key() != null && wanted.key().matches(KEY)
                        ? Optional.empty()
                        : Optional.of("the key must be a label's value"),
                () -> image(Objects.requireNonNullElse(wanted.image(), "")).map(why -> "image " + why),
                () -> resources(wanted.resources()).map(why -> "resources" + why),
                () -> range("maxSeconds", wanted.maxSeconds(), MIN_SECONDS, MAX_SECONDS),
                () -> range("idleSeconds", wanted.idleSeconds(), 1, MAX_IDLE),
                () -> workspace(wanted.workspace()));
    }

    /** Why there is no warm sandbox of this kind. */
    public Optional<String> refuse(String image, SandboxResources resources) {
        return first(() -> image(image), () -> resources(resources));
    }

    private Optional<String> image(String image) {
        if (image == null || TenantAllows.image(images, image)) {
            return Optional.empty();
        }
        return Optional.of("'" + image + "' is not allowed by the Tenant; it allows: " + listed(images)
                + ". Use one of these, or have it added to the Tenant's spec.sandbox.images");
    }

    private Optional<String> resources(SandboxResources wanted) {
        if (maxUnusable != null) {
            return Optional.of(
                    " cannot be judged: in the Tenant's spec.sandbox.maxResources " + maxUnusable + "; mend it there");
        }
        SandboxAmounts amounts;
        try {
            amounts = SandboxAmounts.of(wanted);
        } catch (IllegalArgumentException e) {
            return Optional.of(": " + e.getMessage());
        }
        return first(
                () -> amounts.cpuMillis() > 0 ? Optional.empty() : Optional.of(".cpu must be more than 0"),
                () -> amounts.memoryMi() >= MIN_MEMORY_MI
                        ? Optional.empty()
                        : Optional.of(".memory must be at least " + MIN_MEMORY_MI + "Mi"),
                () -> amounts.diskMi() > 0 ? Optional.empty() : Optional.of(".disk must be more than 0"),
                () -> ceiling("cpu", amounts.cpuMillis(), max == null ? null : max.cpuMillis(), amounts.cpu()),
                () -> ceiling("memory", amounts.memoryMi(), max == null ? null : max.memoryMi(), amounts.memory()),
                () -> ceiling("disk", amounts.diskMi(), max == null ? null : max.diskMi(), amounts.disk()));
    }

    private static Optional<String> ceiling(String field, long wanted, Long max, String text) {
        return max == null || wanted <= max
                ? Optional.empty()
                : Optional.of("." + field + " is " + text + ", more than the Tenant's spec.sandbox.maxResources."
                        + field + " allows; lower it, or have the ceiling raised");
    }

    private static Optional<String> range(String field, Integer value, int min, int max) {
        return value != null && value >= min && value <= max
                ? Optional.empty()
                : Optional.of(field + " must be from " + min + " to " + max + ", not " + value);
    }

    private static Optional<String> workspace(SandboxSpec.Workspace workspace) {
        try {
            long size = workspace == null || workspace.size() == null ? 1 : SandboxAmounts.mebibytes(workspace.size());
            return size > 0 ? Optional.empty() : Optional.of("workspace.size must be more than 0");
        } catch (IllegalArgumentException e) {
            return Optional.of("workspace.size: " + e.getMessage());
        }
    }

    private static String listed(List<String> values) {
        return values.isEmpty() ? "nothing" : String.join(", ", values);
    }

    @SafeVarargs
    private static Optional<String> first(Supplier<Optional<String>>... checks) {
        return Stream.of(checks).map(Supplier::get).flatMap(Optional::stream).findFirst();
    }
}
