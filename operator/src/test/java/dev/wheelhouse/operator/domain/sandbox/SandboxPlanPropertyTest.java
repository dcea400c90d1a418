package dev.wheelhouse.operator.domain.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.wheelhouse.api.v1alpha1.SandboxClaim;
import dev.wheelhouse.operator.domain.sandbox.SandboxView.Life;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Operators that see old and partial states, act late and in any order, and runtimes that take warm pods meanwhile. */
class SandboxPlanPropertyTest {
    private static final int KEYS = 4;
    private static final int WARM = 2;

    /** What the API server does: names are unique, those of claims too. */
    private static final class Server {
        final Map<String, SandboxView> pods = new LinkedHashMap<>();
        final Map<String, Claimant> runs = new LinkedHashMap<>();
        final Map<String, SandboxClaim> claims = new HashMap<>();
        final Map<String, String> keyOf = new HashMap<>();
        private int count;

        void apply(SandboxAction action) {
            switch (action) {
                case SandboxAction.Create(var c) -> create(c.key() + "/" + c.after(), c.key(), c.after());
                case SandboxAction.Replenish ignored -> create("warm-" + count, "", "");
                case SandboxAction.Adopt(var pod) -> {
                    SandboxView live = same(pod);
                    if (live != null && !live.taken()) {
                        put(live.with(claims.get(live.name())).adopted(), live.life());
                    }
                }
                case SandboxAction.Delete(var pod, var cause) -> {
                    SandboxView live = same(pod);
                    boolean surplus = cause == SandboxAction.Cause.SURPLUS;
                    boolean mine = !surplus
                            || pod.claim() != null
                            || claims.putIfAbsent(pod.name(), SandboxClaim.ofNobody(pod.name(), pod.uid())) == null;
                    if (live != null && mine) {
                        assertTrue(
                                !surplus || claims.get(live.name()).nobody(), "a run's sandbox goes as one too many");
                        pods.remove(live.name());
                    }
                }
                case SandboxAction.Refuse ignored -> throw new AssertionError("nothing here is forbidden");
            }
        }

        private void create(String name, String key, String after) {
            if (pods.containsKey(name)) {
                return;
            }
            count++;
            put(
                    new SandboxView(
                            "ns",
                            name,
                            "uid" + count,
                            "",
                            key,
                            Wishes.SHAPE,
                            after,
                            Life.STARTING,
                            false,
                            Wishes.T0.plusSeconds(count),
                            null),
                    Life.STARTING);
        }

        private SandboxView same(SandboxView pod) {
            SandboxView live = pods.get(pod.name());
            return live != null && Objects.equals(live.uid(), pod.uid()) ? live : null;
        }

        void put(SandboxView pod, Life life) {
            count++;
            pods.put(
                    pod.name(),
                    new SandboxView(
                            "ns",
                            pod.name(),
                            pod.uid(),
                            "v" + count,
                            pod.key(),
                            pod.shape(),
                            pod.after(),
                            life,
                            pod.shared(),
                            pod.created(),
                            null));
            if (!pod.key().isEmpty()) {
                String before = keyOf.put(pod.uid(), pod.key());
                assertTrue(before == null || before.equals(pod.key()), "a pod belongs to two keys");
            }
        }

        List<SandboxView> live(String key) {
            return pods.values().stream()
                    .map(pod -> pod.with(claims.get(pod.name())))
                    .filter(pod -> pod.live() && pod.key().equals(key))
                    .toList();
        }

        /** A runtime takes a warm pod for its run, which says so a moment later, or never. */
        void take(Claimant run) {
            List<SandboxView> ofKey = live(run.key());
            if (!ofKey.isEmpty()) {
                return;
            }
            live("").stream()
                    .filter(pod -> pod.life() == Life.RUNNING && !claims.containsKey(pod.name()))
                    .findFirst()
                    .ifPresent(pod -> claims.put(
                            pod.name(),
                            new SandboxClaim(
                                    pod.name(),
                                    pod.uid(),
                                    run.run().name(),
                                    run.run().uid(),
                                    run.key(),
                                    run.after(),
                                    60)));
        }
    }

    /** An operator with a memory that may be old. */
    private static final class Operator {
        final Map<String, SandboxView> pods = new HashMap<>();
        final Map<String, Claimant> runs = new HashMap<>();
        final Map<String, SandboxClaim> claims = new HashMap<>();
        final Deque<SandboxAction> late = new ArrayDeque<>();

        /** Sees each object with this chance, in percent. */
        void look(Server server, Random random, int chance) {
            copy(server.pods, pods, random, chance);
            copy(server.runs, runs, random, chance);
            copy(server.claims, claims, random, chance);
        }

        private static <T> void copy(Map<String, T> from, Map<String, T> to, Random random, int chance) {
            Set<String> names = new HashSet<>(from.keySet());
            names.addAll(to.keySet());
            for (String name : names.stream().sorted().toList()) {
                if (random.nextInt(100) < chance) {
                    T now = from.get(name);
                    if (now == null) {
                        to.remove(name);
                    } else {
                        to.put(name, now);
                    }
                }
            }
        }

        List<SandboxAction> decide() {
            List<SandboxView> views = pods.values().stream()
                    .map(pod -> pod.with(claims.get(pod.name())))
                    .toList();
            return Wishes.decide(List.copyOf(runs.values()), views, WARM);
        }
    }

    /** Runs come, wait, lose their pods and go; pods start and end. */
    private static void live(Server server, Random random) {
        String name = "r" + random.nextInt(2 * KEYS);
        String key = "k" + name.charAt(1) % KEYS;
        switch (random.nextInt(7)) {
            case 0, 1 -> server.runs.putIfAbsent(name, Wishes.run(name, key));
            case 2 -> server.runs.remove(name);
            case 3 ->
                server.runs.computeIfPresent(name, (n, c) -> Wishes.run(n, key, c.after(), c.inUse(), !c.waiting()));
            case 4 -> {
                server.pods.values().stream()
                        .filter(pod -> pod.key().equals(key) && pod.life() == Life.ENDED)
                        .findFirst()
                        .ifPresent(pod -> server.runs.computeIfPresent(
                                name, (n, c) -> Wishes.run(n, key, pod.uid(), c.inUse(), c.waiting())));
                server.live(key).stream()
                        .findFirst()
                        .ifPresent(pod -> server.runs.computeIfPresent(name, (n, c) -> {
                            boolean lost = pod.uid().equals(c.inUse());
                            return Wishes.run(n, key, lost ? pod.uid() : c.after(), pod.uid(), c.waiting());
                        }));
            }
            case 5 -> {
                if (server.runs.containsKey(name)) {
                    server.take(server.runs.get(name));
                }
            }
            default -> {
                List<SandboxView> pods = new ArrayList<>(server.pods.values());
                if (!pods.isEmpty()) {
                    SandboxView pod = pods.get(random.nextInt(pods.size()));
                    server.put(pod, pod.life() == Life.STARTING ? Life.RUNNING : Life.ENDED);
                }
            }
        }
    }

    @Property(tries = 2000)
    void twoOperatorsWithOldViewsEndWithOnePodForEachKey(@ForAll long seed) {
        Random random = new Random(seed);
        Server server = new Server();
        List<Operator> operators = List.of(new Operator(), new Operator());
        for (int step = 0; step < 120; step++) {
            live(server, random);
            Operator operator = operators.get(random.nextInt(2));
            operator.look(server, random, 60);
            operator.late.addAll(operator.decide());
            for (int n = random.nextInt(4); n > 0 && !operator.late.isEmpty(); n--) {
                server.apply(random.nextBoolean() ? operator.late.pollFirst() : operator.late.pollLast());
            }
        }
        operators.forEach(operator -> operator.late.forEach(server::apply));
        settle(server, operators, random);
    }

    private static void settle(Server server, List<Operator> operators, Random random) {
        int rounds = 0;
        boolean changed = true;
        while (changed) {
            assertTrue(rounds++ < 20, () -> "they never agree: " + server.pods);
            changed = false;
            for (Operator operator : operators) {
                operator.look(server, random, 100);
                List<SandboxAction> actions = operator.decide();
                changed |= !actions.isEmpty();
                actions.forEach(server::apply);
            }
        }
        for (int i = 0; i < KEYS; i++) {
            String key = "k" + i;
            List<Claimant> holders = server.runs.values().stream()
                    .filter(c -> c.key().equals(key) && c.holds())
                    .toList();
            boolean asked = holders.stream()
                    .anyMatch(c -> c.inUse().isEmpty()
                            && server.pods.values().stream()
                                    .noneMatch(pod -> pod.key().equals(key) && pod.life() == Life.ENDED));
            List<SandboxView> live = server.live(key);
            long used = live.stream()
                    .filter(pod -> server.runs.values().stream()
                            .anyMatch(c -> c.inUse().equals(pod.uid())))
                    .count();
            assertTrue(live.size() <= (holders.isEmpty() ? 0 : Math.max(1, used)), () -> key + ": " + live);
            assertTrue(!asked || !live.isEmpty(), () -> key + " was asked for: " + holders);
        }
        assertEquals(WARM, server.live("").size());
    }

    @Property(tries = 1000)
    void oneOperatorThatSeesAllNeverHasTwo(@ForAll long seed) {
        Random random = new Random(seed);
        Server server = new Server();
        Operator operator = new Operator();
        for (int step = 0; step < 120; step++) {
            live(server, random);
            operator.look(server, random, 100);
            for (SandboxAction action : operator.decide()) {
                server.apply(action);
                server.apply(action); // A repeated event.
            }
            operator.look(server, random, 100);
            for (int i = 0; i < KEYS; i++) {
                String key = "k" + i;
                assertTrue(server.live(key).size() <= 1, () -> key + ": " + server.live(key));
            }
        }
    }
}
