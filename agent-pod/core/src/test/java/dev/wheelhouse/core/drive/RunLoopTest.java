package dev.wheelhouse.core.drive;

import static dev.wheelhouse.core.sim.Script.call;
import static dev.wheelhouse.core.sim.Script.calls;
import static dev.wheelhouse.core.sim.Script.says;
import static dev.wheelhouse.core.sim.Specs.RUN;
import static dev.wheelhouse.core.sim.Specs.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.sim.MemoryStore;
import dev.wheelhouse.core.sim.Script;
import dev.wheelhouse.core.sim.Specs;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The driver on real virtual threads, without faults. */
class RunLoopTest {
    private final MemoryStore store = new MemoryStore();
    private final Signals signals = new Signals(() -> false);

    private RunEnd run(ModelPort models, ToolPort tools, Pinning pinning) {
        var ports =
                new Ports(store, models, tools, InstantSource.fixed(Specs.START), new VirtualThreads(), Observer.NONE);
        return new RunLoop(ports).run(RUN, 1, pinning, signals);
    }

    private static ToolPort tools(java.util.function.Function<ToolInvocation, ToolResult> call) {
        return new ToolPort() {
            @Override
            public ToolResult call(ToolInvocation invocation) {
                return call.apply(invocation);
            }

            @Override
            public Optional<ToolResult> lookup(ToolInvocation invocation) {
                return Optional.empty();
            }
        };
    }

    @Test
    void aShortRunWithOneToolCallIsFourWrites() {
        var script = new Script(calls(call("a", "pay", "{\"to\":\"bob\"}")), says("paid"));
        RunEnd end = run(
                script,
                tools(call -> new ToolResult.Succeeded("ok")),
                () -> Specs.run(tool("pay", EffectClass.AT_MOST_ONCE)));
        var completed = assertInstanceOf(RunEnd.Completed.class, end, end.toString());
        assertEquals("paid", completed.result());
        assertEquals(4, store.appends());
        assertEquals(2, completed.summary().steps());
        assertEquals(1, completed.summary().toolCalls());
        assertEquals(240, completed.summary().spent().tokens().total());
    }
}
