package dev.wheelhouse.core.harness;

import java.util.List;

/** What a run waits for while it holds no pod. */
public sealed interface WaitReason {
    /** Child runs by name. */
    record ForRuns(List<String> names) implements WaitReason {}

    /** Calls of unknown outcome, by call id. A person decides. */
    record ForPerson(List<String> callIds, String summary) implements WaitReason {}

    /** Things that do not exist yet, such as {@code Secret/openai}; tried again after a while. */
    record ForResources(List<String> names, String summary) implements WaitReason {}
}
