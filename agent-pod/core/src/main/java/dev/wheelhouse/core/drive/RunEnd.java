package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.harness.FailureReason;
import dev.wheelhouse.core.harness.WaitReason;

/** Why a process no longer drives a run. */
public sealed interface RunEnd {
    /** The answer is there. */
    record Completed(String result, Summary summary) implements RunEnd {}

    /** The run failed for good; the message is for people. */
    record Failed(FailureReason reason, String message, Summary summary) implements RunEnd {}

    /** The run was cancelled. */
    record Cancelled(Summary summary) implements RunEnd {}

    /** The run waits and needs no process meanwhile. */
    record Waiting(WaitReason reason, Summary summary) implements RunEnd {}

    /** The process ends: another one goes on from the journal. */
    record Drained(Summary summary) implements RunEnd {}

    /** Only a newer version, or a person, can go on: the journal holds what this one does not understand. */
    record Paused(String message, Summary summary) implements RunEnd {}

    /** Somebody else drives the run now: write nothing about it. */
    record Fenced() implements RunEnd {}

    /** The run was deleted: write nothing about it. */
    record Gone() implements RunEnd {}
}
