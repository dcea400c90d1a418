package dev.wheelhouse.core.drive;

import static dev.wheelhouse.core.sim.Specs.RUN;

import dev.wheelhouse.core.approval.Conditions;
import dev.wheelhouse.core.effect.PinCheck;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.Harness;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.journal.JournalRecord;
import dev.wheelhouse.core.money.Prices;
import dev.wheelhouse.core.sim.MemoryStore;
import dev.wheelhouse.core.sim.Specs;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** A driver on real virtual threads with a model and tools of the test's making. */
final class Rig {
    final MemoryStore store;
    final Signals signals = new Signals(() -> false);
    final List<ToolInvocation> invocations = Collections.synchronizedList(new ArrayList<>());
    final Board approvals = new Board();
    Conditions conditions = Conditions.NONE;
    ToolNow toolNow;
    Map<String, Optional<Prices>> prices = Map.of();
    CountDownLatch outcomeDurable = new CountDownLatch(0);
    Habits habits = new Habits();
    /** Where calls are made, by tool. */
    Map<String, String> places = Map.of();
    /** What is done when a place for this tool is to be made ready. */
    Consumer<String> preparing = tool -> {};

    private final List<Entry> durable = Collections.synchronizedList(new ArrayList<>());

    Rig() {
        this(new MemoryStore());
    }

    /** Another process with the same store. */
    Rig(MemoryStore store) {
        this.store = store;
    }

    /** How a tool behaves. */
    interface Behaviour {
        ToolResult call(ToolInvocation invocation) throws InterruptedException;
    }

    RunEnd run(long epoch, ModelPort models, Behaviour tools, Pinning pinning) {
        ToolPort port = new ToolPort() {
            @Override
            public String place(RunId run, PinnedTool tool, String last) {
                return places.get(tool.name());
            }

            @Override
            public void prepare(RunId run, PinnedTool tool) {
                preparing.accept(tool.name());
            }

            @Override
            public ToolResult call(ToolInvocation invocation) throws InterruptedException {
                invocations.add(invocation);
                return tools.call(invocation);
            }

            @Override
            public Optional<ToolResult> lookup(ToolInvocation invocation) throws InterruptedException {
                return Optional.of(tools.call(invocation));
            }
        };
        PinCheck pins = new PinCheck() {
            @Override
            public ToolNow now(RunId run, PinnedTool tool) {
                return toolNow == null ? new ToolNow.There(tool.schema(), tool.digest()) : toolNow;
            }

            @Override
            public Map<String, Optional<Prices>> prices(RunId run, List<String> models) {
                return prices;
            }
        };
        Observer observer = new Observer() {
            @Override
            public void recorded(RunId run, List<JournalRecord> records, Summary summary) {
                records.forEach(record -> {
                    durable.add(record.entry());
                    if (record.entry() instanceof Entry.ToolOutcome) {
                        outcomeDurable.countDown();
                    }
                });
            }
        };
        var ports = new Ports(
                store,
                models,
                port,
                pins,
                approvals,
                conditions,
                InstantSource.fixed(Specs.START),
                new VirtualThreads(),
                observer);
        return new RunLoop(ports, Harness.standard(conditions), habits).run(RUN, epoch, pinning, signals);
    }

    RunEnd run(ModelPort models, Behaviour tools, PinnedTool... pinned) {
        return run(1, models, tools, () -> Specs.run(pinned));
    }

    <T extends Entry> List<T> recorded(Class<T> type) {
        return durable.stream().filter(type::isInstance).map(type::cast).toList();
    }

    static ToolResult fine(ToolInvocation invocation) {
        return new ToolResult.Succeeded("ok");
    }
}
