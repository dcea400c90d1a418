package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.runtime.drive.RunDesk;
import dev.wheelhouse.runtime.store.Hurry;
import dev.wheelhouse.sandbox.wire.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One call in one pod, however often its session is cut: the daemon knows calls by their id, so to send the same frame
 * again attaches to what is under way and repeats nothing.
 */
final class CallInPod {
    /** Time for a cancelled command to be killed and to say so. */
    private static final Duration CANCEL = Duration.ofSeconds(10);
    /** When to ask again whether a pod is lost, should the API server not have been able to say. */
    private static final Duration AGAIN = Duration.ofSeconds(2);

    /** What came of it. */
    sealed interface Outcome {
        /**
         * It is over.
         *
         * @param end {@link Frame.Exited} or {@link Frame.FileDone}
         */
        record Over(Frame.ToRuntime end, byte[] stdout, byte[] stderr) implements Outcome {}

        /** The daemon never heard of it; only the answer to {@link Frame.Find}. */
        record NotKnown() implements Outcome {}

        /** The pod is lost, and with it what it knew. */
        record Lost(String why) implements Outcome {}

        /** The pod was lost before anything was sent to it by this process. */
        record Gone(String why) implements Outcome {}

        /** The run is cancelled, and the command is, as far as the sandbox says. */
        record Cancelled() implements Outcome {}

        /** Nothing came in time. */
        record Late() implements Outcome {}
    }

    private final Sandboxes sandboxes;
    private final RunDesk desk;
    private final Hurry hurry;

    CallInPod(Sandboxes sandboxes, RunDesk desk, Hurry hurry) {
        this.sandboxes = sandboxes;
        this.desk = desk;
        this.hurry = hurry;
    }

    /**
     * @param frame {@link Frame.Start}, {@link Frame.FileCall} or {@link Frame.Find} of this call
     * @param maxBytes kept of each stream
     * @throws InterruptedException if another process will go on with the run: the command is left as it is
     */
    Outcome perform(RunId run, SandboxPlace place, String callId, Frame.ToSandbox frame, int maxBytes, Duration limit)
            throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        AtomicReference<Reply> current = new AtomicReference<>();
        boolean tried = false;
        Runnable unsubscribe = desk.onChange(run, () -> {
            Reply reply = current.get();
            if (reply != null) {
                reply.wake();
            }
            sandboxes.change();
        });
        try {
            while (true) {
                long version = sandboxes.version();
                Optional<Session> session = sandboxes.ofPod(place.podUid());
                if (session.isPresent()) {
                    if (!tried && !(frame instanceof Frame.Find) && desk.call(run) == RunDesk.Call.CANCELLED) {
                        return new Outcome.Cancelled();
                    }
                    tried = true;
                    Reply reply = new Reply(maxBytes, () -> hurry.over(run.uid()));
                    current.set(reply);
                    Optional<Outcome> outcome = over(session.get(), run, callId, frame, reply, deadline);
                    if (outcome.isPresent()) {
                        return outcome.get();
                    }
                    continue;
                }
                Optional<String> lost = sandboxes.lost(place.pod(), place.podUid());
                if (lost.isPresent()) {
                    return tried ? new Outcome.Lost(lost.get()) : new Outcome.Gone(lost.get());
                }
                switch (desk.call(run)) {
                    case CANCELLED -> {
                        return new Outcome.Cancelled();
                    }
                    case LEFT -> throw left();
                    case GOES_ON -> {
                        // The sandbox comes back, or is lost.
                    }
                }
                long now = System.nanoTime();
                if (now - deadline >= 0) {
                    return new Outcome.Late();
                }
                sandboxes.await(version, Math.min(deadline, now + AGAIN.toNanos()));
            }
        } finally {
            unsubscribe.run();
        }
    }

    /** Empty if the session was cut. */
    private Optional<Outcome> over(
            Session session, RunId run, String callId, Frame.ToSandbox frame, Reply reply, long deadline)
            throws InterruptedException {
        session.attach(callId, reply);
        try {
            session.send(frame);
            hurry.sent(run.uid());
            long until = deadline;
            boolean cancelled = false;
            while (true) {
                // Looked at after the reply is attached: a signal from now on wakes it.
                switch (desk.call(run)) {
                    case CANCELLED -> {
                        if (!cancelled) {
                            cancelled = true;
                            until = Math.min(until, System.nanoTime() + CANCEL.toNanos());
                            session.send(new Frame.Cancel(callId));
                        }
                    }
                    case LEFT -> throw left();
                    case GOES_ON -> {
                        // So does the command.
                    }
                }
                switch (reply.await(until)) {
                    case Reply.News.Over(var end) -> {
                        return Optional.of(new Outcome.Over(end, reply.stdout(), reply.stderr()));
                    }
                    case Reply.News.Known(var state) -> {
                        if (state == Frame.State.UNKNOWN && frame instanceof Frame.Find) {
                            return Optional.of(new Outcome.NotKnown());
                        }
                    }
                    case Reply.News.Cut() -> {
                        return Optional.empty();
                    }
                    case Reply.News.Woken() -> {
                        // Look around.
                    }
                    case Reply.News.Late() -> {
                        if (cancelled) {
                            return Optional.of(new Outcome.Cancelled());
                        }
                        session.send(new Frame.Cancel(callId));
                        return Optional.of(new Outcome.Late());
                    }
                }
            }
        } catch (IOException e) {
            session.close();
            return Optional.empty();
        } finally {
            session.detach(callId, reply);
        }
    }

    private static InterruptedException left() {
        return new InterruptedException("another process goes on with the run");
    }
}
