package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Api;
import dev.wheelhouse.api.v1alpha1.RunStatus;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An artifact as it lies in ConfigMaps, put together and checked against the digest that the Run's status anchors. */
record StoredArtifact(byte[] content) {
    private static final Pattern PART = Pattern.compile("(\\d{1,4})/(\\d{1,4})");
    private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-f]{64})");
    private static final int MAX_LABEL = 63;

    /** Value of {@link Api#LABEL_ARTIFACT} on its parts. */
    static String label(RunStatus.Artifact artifact) {
        Matcher digest = DIGEST.matcher(Optional.ofNullable(artifact.digest()).orElse(""));
        if (!digest.matches()) {
            throw new CommandException("the status of the run gives no usable digest for '" + artifact.name() + "'");
        }
        return digest.group(1).substring(0, MAX_LABEL);
    }

    /** @throws CommandException if a part is missing or the content is not what was saved */
    static StoredArtifact of(RunStatus.Artifact artifact, Collection<ConfigMap> parts) {
        TreeMap<Integer, byte[]> found = new TreeMap<>();
        int count = -1;
        for (ConfigMap part : parts) {
            Map<String, String> annotations =
                    Optional.ofNullable(part.getMetadata().getAnnotations()).orElse(Map.of());
            Matcher place = PART.matcher(annotations.getOrDefault(Api.ANNOTATION_ARTIFACT_PART, ""));
            String data =
                    Optional.ofNullable(part.getBinaryData()).orElse(Map.of()).get(Api.ARTIFACT_KEY);
            if (place.matches() && data != null) {
                found.put(Integer.valueOf(place.group(1)), Base64.getDecoder().decode(data));
                count = Integer.parseInt(place.group(2));
            }
        }
        for (int i = 0; i < count; i++) {
            if (!found.containsKey(i)) {
                throw new CommandException("part " + i + " of " + count + " of '" + artifact.name() + "' is missing");
            }
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        found.values().forEach(content::writeBytes);
        if (!artifact.digest().equals(digest(content.toByteArray()))) {
            throw new CommandException(
                    found.isEmpty()
                            ? "'" + artifact.name() + "' is not there any more"
                            : "'" + artifact.name() + "' is not what the run saved: its digest differs from that in"
                                    + " the Run's status");
        }
        return new StoredArtifact(content.toByteArray());
    }

    private static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
