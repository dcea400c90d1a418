package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.runtime.drive.RunDesk;
import java.time.Duration;
import java.util.Optional;

/**
 * Gets a run its sandbox: takes a warm one, or asks the operator through the run's status and waits for the pod to show
 * who it is. Which sandbox commands may have been sent to is durable before the first one is: in their intents, if it is
 * at hand before these are recorded, or else in the status. Calls of one run take turns, so that together they ask once.
 * Thread-safe.
 */
final class Acquisition {
    /** Time for the probes; the daemon gives each of them 400 ms, all at once. */
    private static final Duration PROBES = Duration.ofSeconds(5);
    /** Pods asked for by one call: more that die before they are used are no accident. */
    private static final int ASKED = 3;

    /** What came of it. */
    sealed interface Got {
        /** The run may use it. */
        record Ready(SandboxPlace place) implements Got {}

        /** Commands are not allowed, or the status could not be written: nothing was sent. */
        record Refused(String why) implements Got {}

        /** It did not come in time. */
        record Late(String why) implements Got {}

        /** The run is cancelled. */
        record Cancelled() implements Got {}
    }

    private final Sandboxes sandboxes;
    private final WarmPods warm;
    private final RunDesk desk;
    private final SandboxMeters meters;
    private final Turns turns = new Turns();

    Acquisition(Sandboxes sandboxes, WarmPods warm, RunDesk desk, SandboxMeters meters) {
        this.sandboxes = sandboxes;
        this.warm = warm;
        this.desk = desk;
        this.meters = meters;
    }

    /**
     * The sandbox in which calls of the run are made from now on, if there is one at hand. Whoever is told must make it
     * durable before the first of them: the status says it only later.
     *
     * @param last of which that is known, or null
     */
    Optional<SandboxPlace> place(RunId run, SandboxBinding need, SandboxPlace last) throws InterruptedException {
        long began = System.nanoTime();
        sandboxes.start();
        return turns.<SandboxPlace, RuntimeException>takeIfFree(run.uid(), () -> {
            know(run, need, last);
            boolean first = state(run).podUID() == null;
            Optional<SandboxPlace> place = atHand(run, need);
            place.ifPresent(p -> meters.acquired(first, Duration.ofNanos(System.nanoTime() - began)));
            return place;
        });
    }

    /**
     * Takes a warm sandbox for a run that is likely to need its first one soon; {@link #place} finds it. Nothing says that
     * the run has it but the claim, so that one which is not used in the end is in nobody's way.
     */
    void prepare(RunId run, SandboxBinding need) {
        sandboxes.start();
        if (need.warmShape() != null
                && state(run).equals(SandboxState.NONE)
                && sandboxes.ofKey(need.request().key()).isEmpty()) {
            warm.take(run, need.warmShape(), need.requestAfter(null));
        }
    }

    private Optional<SandboxPlace> atHand(RunId run, SandboxBinding need) {
        String key = need.request().key();
        SandboxState.Request wanted = wanted(run, need);
        Optional<Session> session = inUse(run, key).or(() -> sandboxes.ofKey(key));
        if (session.isEmpty() && need.warmShape() != null) {
            wanted = need.requestAfter(after(run, key));
            if (wanted.equals(state(run).wanted())) {
                return Optional.empty(); // It was asked for, or is only not connected now.
            }
            session = warm.take(run, need.warmShape(), wanted);
        }
        Optional<RunDesk.Network> network =
                session.flatMap(Session::networkNow).filter(found -> found.isolated() || !need.requireIsolation());
        if (network.isEmpty()) {
            return Optional.empty();
        }
        SandboxPod pod = session.get().pod();
        if (!isIn(pod, state(run)) || desk.sandboxUnsaid(run)) {
            SandboxState.Request asked = wanted;
            desk.sandboxSoon(run, s -> using(s, asked, pod), network.get());
        }
        return Optional.of(placed(run, pod));
    }

    /** The journal may know more than the status of which sandbox the run uses, if it was another process that took it. */
    void know(RunId run, SandboxBinding need, SandboxPlace last) {
        if (last != null && last.number() > number(state(run))) {
            SandboxState.Request wanted = wanted(run, need);
            desk.sandboxSoon(
                    run,
                    s -> last.number() > number(s)
                            ? new SandboxState(wanted, last.pod(), last.podUid(), last.number())
                            : s,
                    null);
        }
    }

    /** How many sandboxes a run has had. */
    private static int number(SandboxState state) {
        return state.number() == null ? 0 : state.number();
    }

    private SandboxPlace placed(RunId run, SandboxPod pod) {
        return new SandboxPlace(number(state(run)), pod.name(), pod.uid());
    }

    private static boolean isIn(SandboxPod pod, SandboxState state) {
        return pod.uid().equals(state.podUID()) && state.wanted() != null;
    }

    /**
     * Gets one, however long it takes.
     *
     * @param last as in {@link #place}
     * @throws InterruptedException if another process will go on with the run
     */
    Got get(RunId run, SandboxBinding need, SandboxPlace last, Duration atMost) throws InterruptedException {
        long began = System.nanoTime();
        sandboxes.start();
        Runnable unsubscribe = desk.onChange(run, sandboxes::change);
        try {
            return turns.take(run.uid(), () -> {
                know(run, need, last);
                boolean first = state(run).podUID() == null;
                Got got = await(run, need, began + atMost.toNanos());
                if (got instanceof Got.Ready) {
                    meters.acquired(first, Duration.ofNanos(System.nanoTime() - began));
                }
                return got;
            });
        } finally {
            unsubscribe.run();
        }
    }

    private Got await(RunId run, SandboxBinding need, long deadline) throws InterruptedException {
        String key = need.request().key();
        for (int asked = 0; ; ) {
            switch (desk.call(run)) {
                case CANCELLED -> {
                    return new Got.Cancelled();
                }
                case LEFT -> throw new InterruptedException("another process goes on with the run");
                case GOES_ON -> {
                    // So does this.
                }
            }
            long version = sandboxes.version();
            Optional<Session> session = inUse(run, key).or(() -> sandboxes.ofKey(key));
            try {
                if (session.isPresent()) {
                    return use(run, need, session.get(), wanted(run, need));
                }
                SandboxState.Request wanted = need.requestAfter(after(run, key));
                if (!wanted.equals(state(run).wanted())) {
                    Optional<Session> taken =
                            need.warmShape() == null ? Optional.empty() : warm.take(run, need.warmShape(), wanted);
                    if (taken.isPresent()) {
                        return use(run, need, taken.get(), wanted);
                    }
                    if (asked++ >= ASKED) {
                        return new Got.Late("its pods end before they can be used" + trouble(key));
                    }
                    desk.sandbox(run, s -> asking(s, wanted), null);
                }
            } catch (RunDesk.NotWritten e) {
                return new Got.Refused("the run's status could not be written: " + e.getMessage());
            }
            if (!sandboxes.await(version, deadline)) {
                return new Got.Late("it did not come up in time" + trouble(key));
            }
        }
    }

    private String trouble(String key) {
        return sandboxes.trouble(key).map(why -> " (" + why + ")").orElse("");
    }

    /**
     * The pod to be replaced: none but the one before, as long as the one that the run uses may live, connected or not;
     * else one that ended and is still there, or the one that the run used.
     */
    private String after(RunId run, String key) {
        SandboxState state = state(run);
        boolean asked = asked(state, key);
        boolean used = state.podUID() != null;
        boolean lost = used && sandboxes.lost(state.pod(), state.podUID()).isPresent();
        if (asked && used && !lost) {
            return state.wanted().after();
        }
        return sandboxes
                .over(key)
                .orElse(lost ? state.podUID() : asked ? state.wanted().after() : null);
    }

    /** The one that it uses: who lost the run may be about to send the same call there, and only there it is known. */
    private Optional<Session> inUse(RunId run, String key) {
        SandboxState state = state(run);
        return state.podUID() != null && asked(state, key)
                ? sandboxes
                        .ofPod(state.podUID())
                        .filter(session -> !sandboxes.now(session.pod()).over())
                : Optional.empty();
    }

    /** What it asked for last, if that was this sandbox. */
    private SandboxState.Request wanted(RunId run, SandboxBinding need) {
        SandboxState state = state(run);
        return asked(state, need.request().key()) ? state.wanted() : need.requestAfter(null);
    }

    private static boolean asked(SandboxState state, String key) {
        return state.wanted() != null && state.wanted().key().equals(key);
    }

    private Got use(RunId run, SandboxBinding need, Session session, SandboxState.Request wanted)
            throws InterruptedException, RunDesk.NotWritten {
        SandboxPod pod = session.pod();
        RunDesk.Network network = session.network(PROBES);
        boolean refused = need.requireIsolation() && !network.isolated();
        if (refused || !isIn(pod, state(run)) || desk.sandboxUnsaid(run)) {
            desk.sandbox(run, s -> refused ? asking(s, wanted) : using(s, wanted, pod), network);
        }
        if (refused) {
            return new Got.Refused("isolation is required, and " + network.message()
                    + ". The sandbox runs nothing until that is mended, or requireIsolation is taken away from the Agent"
                    + " and the Tenant");
        }
        return new Got.Ready(placed(run, pod));
    }

    private static SandboxState asking(SandboxState state, SandboxState.Request wanted) {
        return new SandboxState(wanted, state.pod(), state.podUID(), state.number());
    }

    private static SandboxState using(SandboxState state, SandboxState.Request wanted, SandboxPod pod) {
        if (pod.uid().equals(state.podUID())) {
            return new SandboxState(wanted, state.pod(), state.podUID(), state.number());
        }
        return new SandboxState(wanted, pod.name(), pod.uid(), number(state) + 1);
    }

    /** From now on it is known which pods are lost. */
    void watch() {
        sandboxes.start();
    }

    /** The sandbox of the run, if it has had one; it may be lost. */
    Optional<SandboxPlace> used(RunId run) {
        SandboxState state = state(run);
        return state.podUID() == null
                ? Optional.empty()
                : Optional.of(new SandboxPlace(number(state), state.pod(), state.podUID()));
    }

    private SandboxState state(RunId run) {
        return desk.sandbox(run).orElse(SandboxState.NONE);
    }
}
