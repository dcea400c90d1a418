package dev.wheelhouse.api.v1alpha1;

import java.util.Objects;

/** What makes one sandbox as good as another: operator and runtimes agree on it, in {@link Api#LABEL_SANDBOX_SHAPE}. */
public final class SandboxShape {
    private static final int HEX = 16;

    private SandboxShape() {}

    /**
     * Digest of image, resources and RuntimeClass, as a label's value.
     *
     * @param resources null, or null in it: the defaults
     * @param runtimeClass null: the node's default
     * @throws IllegalArgumentException if a resource is no quantity
     */
    public static String of(String image, SandboxResources resources, String runtimeClass) {
        SandboxAmounts amounts = SandboxAmounts.of(resources);
        String text = String.join(
                "\n",
                image,
                amounts.cpu(),
                amounts.memory(),
                amounts.disk(),
                Objects.requireNonNullElse(runtimeClass, ""));
        return Sha256.hex(text).substring(0, HEX);
    }

    /**
     * The shape of a warm sandbox that can be what is asked for, or null: a warm one has a fresh workspace of the default
     * size, ends when idle for the default time, and is for one run.
     *
     * @param wanted with every field set
     */
    public static String ofWarm(SandboxState.Request wanted, String runtimeClass) {
        boolean plain = wanted.scope() == SandboxScope.Run
                && !Boolean.TRUE.equals(wanted.workspace().keep())
                && SandboxAmounts.mebibytes(wanted.workspace().size())
                        == SandboxAmounts.mebibytes(SandboxDefaults.WORKSPACE)
                && wanted.idleSeconds() == SandboxDefaults.IDLE_SECONDS;
        return plain ? of(wanted.image(), wanted.resources(), runtimeClass) : null;
    }
}
