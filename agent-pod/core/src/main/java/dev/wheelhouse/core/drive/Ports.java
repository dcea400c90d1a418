package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.approval.ApprovalPort;
import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.effect.PinCheck;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.journal.JournalStore;
import java.time.InstantSource;

/**
 * Everything outside that a run touches.
 *
 * @param clock for what people read and for the wall time limit; durations never come from it
 */
public record Ports(
        JournalStore store,
        ModelPort models,
        ToolPort tools,
        PinCheck pinCheck,
        ApprovalPort approvals,
        Conditions conditions,
        InstantSource clock,
        Parallel parallel,
        Observer observer) {}
