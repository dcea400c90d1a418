package dev.wheelhouse.core.sim;

import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.Notes;
import dev.wheelhouse.core.effect.PinCheck;
import dev.wheelhouse.core.effect.ToolInvocation;
import dev.wheelhouse.core.effect.ToolNow;
import dev.wheelhouse.core.effect.ToolPort;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.harness.WaitReason;
import dev.wheelhouse.core.journal.Entry;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.core.money.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The world outside: does what it is asked, remembers it, and bills for it. */
final class World implements ToolPort, PinCheck, ModelPort {
    private static final Duration TOOL_TAKES = Duration.ofSeconds(2);
    private static final Duration MODEL_TAKES = Duration.ofSeconds(1);
    private static final Duration CHILD_TAKES = Duration.ofSeconds(20);
    private static final Duration FOR_EVER = Duration.ofDays(1);
    private static final Spend CHILD_SPENDS = new Spend(new TokenUsage(30, 0, 10), 50L);

    private final Simulation sim;
    private final ModelPort script;
    private final Map<String, Integer> effects = new HashMap<>();
    private final Map<String, Set<String>> keys = new HashMap<>();
    /** When those end that were started, by call and place: one place knows nothing of another. */
    private final Map<String, Long> children = new HashMap<>();

    private final List<String> withoutIntent = new ArrayList<>();
    private final List<String> withoutApproval = new ArrayList<>();
    private final List<String> left = new ArrayList<>();
    private final List<String> withoutRecord = new ArrayList<>();
    private int places;
    private int refused;
    private int untold;
    private int announcements;
    private int toolCalls;
    private int modelCalls;
    private long billedTokens;
    private long billedMicros;

    World(Simulation sim, ModelPort script) {
        this.sim = sim;
        this.script = script;
    }

    /** Effects by call id: calls that the world saw, or for keyed tools those that it did not know yet. */
    Map<String, Integer> effects() {
        return effects;
    }

    Map<String, Set<String>> keys() {
        return keys;
    }

    List<String> withoutIntent() {
        return withoutIntent;
    }

    List<String> withoutApproval() {
        return withoutApproval;
    }

    int modelCalls() {
        return modelCalls;
    }

    long billedTokens() {
        return billedTokens;
    }

    long billedMicros() {
        return billedMicros;
    }

    /** Virtual time until all child runs are over. */
    Duration untilChildrenEnd() {
        long last = children.values().stream().mapToLong(end -> end).max().orElse(0);
        return Duration.ofNanos(Math.max(0, last - sim.scheduler().nanos()));
    }

    /** A new one whenever there is a choice: whoever forgets a place does everything twice. */
    @Override
    public String place(RunId run, PinnedTool tool, String last) {
        sim.point("before place");
        if (tool.effect() != EffectClass.RECONCILABLE) {
            return null;
        }
        return last == null ? "place-" + ++places : last;
    }

    private static String where(ToolInvocation invocation) {
        return invocation.callId() + " at " + invocation.place();
    }

    @Override
    public ToolResult call(ToolInvocation invocation) throws InterruptedException {
        sim.point("before tool");
        Faults.InTool fault = sim.faults().inTool(++toolCalls);
        if (fault == Faults.InTool.NOT_SENT) {
            return new ToolResult.NotSent("simulated: refused");
        }
        sim.scheduler().sleep(TOOL_TAKES.dividedBy(2));
        if (fault == Faults.InTool.REQUEST_LOST) {
            return new ToolResult.Unknown("simulated: request lost");
        }
        if (invocation.tool().name().equals("fetch")) {
            reachOut(invocation, fault == Faults.InTool.HANGS);
        }
        happen(invocation);
        if (fault == Faults.InTool.HANGS) {
            sim.scheduler().sleep(FOR_EVER);
        }
        sim.scheduler().sleep(TOOL_TAKES.dividedBy(2));
        sim.point("after tool");
        return switch (fault) {
            case REPLY_LOST -> new ToolResult.Unknown("simulated: reply lost");
            case FAILS ->
                new ToolResult.Failed(
                        "simulated: no", children.containsKey(where(invocation)) ? CHILD_SPENDS : Spend.NONE);
            default -> result(invocation);
        };
    }

    /** Announces two requests, and lets them leave if it may. */
    private void reachOut(ToolInvocation invocation, boolean slowly) throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            String id = "request-" + ++announcements;
            Told told = new Told();
            untold++;
            invocation
                    .notes()
                    .write(
                            new Entry.EgressRequested(
                                    invocation.callId(), id, "GET", "https", "host.test", 443, "/", true, null),
                            told);
            try {
                sim.scheduler().block(() -> told.durable || told.refused, Long.MAX_VALUE);
            } finally {
                untold--;
            }
            sim.point("may leave: " + told.durable);
            if (told.durable) {
                left.add(id);
                if (!sim.announced().contains(id)) {
                    withoutRecord.add(id);
                }
            } else {
                refused++;
            }
            invocation
                    .notes()
                    .write(new Entry.EgressEnded(invocation.callId(), id, 200, 0, 1, null), Notes.Receipt.NONE);
            if (slowly) {
                sim.scheduler().sleep(TOOL_TAKES);
            }
        }
    }

    private static final class Told implements Notes.Receipt {
        private boolean durable;
        private boolean refused;

        @Override
        public void durable() {
            tell();
            durable = true;
        }

        @Override
        public void refused() {
            tell();
            refused = true;
        }

        private void tell() {
            if (durable || refused) {
                throw new IllegalStateException("a receipt is told once");
            }
        }
    }

    /** Requests that left, by their id. */
    List<String> left() {
        return left;
    }

    /** Those of them that no durable record announced. */
    List<String> withoutRecord() {
        return withoutRecord;
    }

    int refused() {
        return refused;
    }

    /** Announcements of living processes that nobody answered. */
    int untold() {
        return untold;
    }

    private void happen(ToolInvocation invocation) {
        if (!sim.intents().contains(invocation.callId() + " " + invocation.idempotencyKey())) {
            withoutIntent.add(invocation.callId());
        }
        if (invocation.tool().gate() != null && !sim.approvals().covers(invocation)) {
            withoutApproval.add(invocation.callId() + invocation.arguments());
        }
        boolean known = !keys.computeIfAbsent(invocation.callId(), id -> new HashSet<>())
                .add(invocation.idempotencyKey());
        switch (invocation.tool().effect()) {
            case READ_ONLY -> {}
            case AT_MOST_ONCE -> effects.merge(invocation.callId(), 1, Integer::sum);
            case IDEMPOTENT -> effects.merge(invocation.callId(), known ? 0 : 1, Integer::sum);
            case RECONCILABLE -> {
                boolean there = children.containsKey(where(invocation));
                effects.merge(invocation.callId(), there ? 0 : 1, Integer::sum);
                if (!there) {
                    children.put(where(invocation), sim.scheduler().nanos() + CHILD_TAKES.toNanos());
                    billedTokens += CHILD_SPENDS.tokens().total();
                    billedMicros += CHILD_SPENDS.costMicros();
                }
            }
        }
    }

    private ToolResult result(ToolInvocation invocation) {
        Long end = children.get(where(invocation));
        if (end == null) {
            return new ToolResult.Succeeded("did " + invocation.tool().name());
        }
        return end > sim.scheduler().nanos()
                ? new ToolResult.Pending(new WaitReason.ForRuns(List.of("child-" + invocation.callId())))
                : new ToolResult.Succeeded("child says hello", CHILD_SPENDS);
    }

    @Override
    public Optional<ToolResult> lookup(ToolInvocation invocation) {
        sim.point("before lookup");
        Faults.InTool fault = sim.faults().inTool(++toolCalls);
        if (fault == Faults.InTool.REPLY_LOST || fault == Faults.InTool.REQUEST_LOST) {
            return Optional.of(new ToolResult.Unknown("simulated: lookup failed"));
        }
        Optional<ToolResult> found =
                children.containsKey(where(invocation)) ? Optional.of(result(invocation)) : Optional.empty();
        sim.point("after lookup");
        return found;
    }

    @Override
    public ToolNow now(RunId run, PinnedTool tool) {
        sim.point("look at tool");
        return new ToolNow.There(tool.schema(), tool.digest());
    }

    @Override
    public ModelReply call(ModelRequest request, TextSink sink) throws ModelException, InterruptedException {
        sim.point("before model");
        Faults.InModel fault = sim.faults().inModel(++modelCalls);
        switch (fault) {
            case BUSY ->
                throw new ModelException(ModelException.Kind.RATE_LIMITED, "simulated: busy", Duration.ofSeconds(7));
            case BROKEN -> throw new ModelException(ModelException.Kind.SERVER_ERROR, "simulated: broken", null);
            default -> {}
        }
        sim.scheduler().sleep(MODEL_TAKES);
        ModelReply reply = script.call(request, sink);
        billedTokens += reply.usage().total();
        billedMicros += request.model().prices().cost(reply.usage());
        if (fault == Faults.InModel.HANGS) {
            sim.scheduler().sleep(FOR_EVER);
        }
        sim.point("after model");
        if (fault == Faults.InModel.REPLY_LOST) {
            throw new ModelException(ModelException.Kind.TIMEOUT, "simulated: reply lost", null);
        }
        return reply;
    }
}
