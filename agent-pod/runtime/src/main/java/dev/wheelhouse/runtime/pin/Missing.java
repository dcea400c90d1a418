package dev.wheelhouse.runtime.pin;

import dev.wheelhouse.core.drive.Pinning;
import dev.wheelhouse.core.harness.WaitReason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a run lacks to start. All of it is named at once, so that a person fixes it in one go. */
final class Missing {
    private static final int MAX_SUMMARY = 250;

    private final Set<String> names = new LinkedHashSet<>();
    private final List<String> words = new ArrayList<>();

    /**
     * @param name as {@code Kind/name}
     * @param what names the object and the fix
     */
    void add(String name, String what) {
        if (names.add(name)) {
            words.add(what);
        }
    }

    void throwIfAny() throws Pinning.NotReady {
        if (!names.isEmpty()) {
            String summary = String.join("; ", words);
            throw new Pinning.NotReady(new WaitReason.ForResources(
                    List.copyOf(names),
                    summary.length() <= MAX_SUMMARY ? summary : summary.substring(0, MAX_SUMMARY - 1) + "…"));
        }
    }
}
