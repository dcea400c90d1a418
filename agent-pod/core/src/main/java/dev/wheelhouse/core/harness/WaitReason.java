package dev.wheelhouse.core.harness;

import java.util.List;

/** What a run waits for while it holds no pod. */
public sealed interface WaitReason {
    /** Child runs by name. */
    record ForRuns(List<String> names) implements WaitReason {}

    /** Decisions of people, by name of their Approvals. */
    record ForApprovals(List<String> names, String summary) implements WaitReason {}

    /** Somebody to ask for: nobody can be kept from approving what they asked for while that is not known. */
    record ForRequester(String summary) implements WaitReason {}

    /** Things that do not exist yet, such as {@code Secret/openai}; tried again after a while. */
    record ForResources(List<String> names, String summary) implements WaitReason {}
}
