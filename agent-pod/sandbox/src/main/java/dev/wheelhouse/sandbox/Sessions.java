package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frame.Welcome;
import dev.wheelhouse.sandbox.wire.WireException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A session with every runtime there is, so that whichever process holds a run has the sandbox at
 * hand. The first is found by the address in the environment; each tells of all. When none is left,
 * the search begins anew.
 */
final class Sessions {
    private static final long SHORTEST_PAUSE = 100;
    private static final long LONGEST_PAUSE = 2_000;

    private final Settings settings;
    private final Commands commands;
    private final FileCalls files;
    private final Ledger ledger;
    private final Runnable stop;

    /** Those that are accepted, with who does what they ask for; who asked for or about a call last is the last. */
    private final LinkedHashMap<Session, Service> live = new LinkedHashMap<>();
    /** All that are open, for the end. */
    private final Set<Session> open = new HashSet<>();
    /** Addresses that a thread cares for. */
    private final Set<InetSocketAddress> cared = new HashSet<>();

    private boolean closed;

    Sessions(Settings settings, Commands commands, FileCalls files, Ledger ledger, Runnable stop) {
        this.settings = settings;
        this.commands = commands;
        this.files = files;
        this.ledger = ledger;
        this.stop = stop;
    }

    /** Searches for a runtime whenever there is none; until the end. */
    void run() {
        var pause = SHORTEST_PAUSE;
        try {
            while (awaitNone()) {
                if (serve(settings.runtime())) {
                    pause = SHORTEST_PAUSE;
                } else {
                    Thread.sleep(pause);
                    pause = Math.min(2 * pause, LONGEST_PAUSE);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Of those whose runtime follows a command that runs, the one that asked last; null if there is none. Where runs
     * share the sandbox, the runtime of one has nothing to let out once its command is over.
     */
    synchronized Session serving() {
        return live.sequencedEntrySet().reversed().stream()
                .filter(entry -> entry.getValue().follows())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    synchronized void close() {
        closed = true;
        List.copyOf(open).forEach(Session::close);
        notifyAll();
    }

    /** Waits until nobody is there and nobody is being tried; false at the end. */
    private synchronized boolean awaitNone() throws InterruptedException {
        while (!closed && !(live.isEmpty() && cared.isEmpty())) {
            wait();
        }
        return !closed;
    }

    /** Cares for one runtime until it is gone and no other says that it is there. */
    private void care(InetSocketAddress address) {
        var pause = SHORTEST_PAUSE;
        try {
            while (isWanted(address)) {
                if (serve(address)) {
                    pause = SHORTEST_PAUSE;
                } else {
                    Thread.sleep(pause);
                    pause = Math.min(2 * pause, LONGEST_PAUSE);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                cared.remove(address);
                notifyAll();
            }
        }
    }

    private synchronized boolean isWanted(InetSocketAddress address) {
        return !closed
                && live.keySet().stream().noneMatch(session -> address.equals(session.peer()))
                && live.keySet().stream().anyMatch(session -> session.runtimes().contains(address));
    }

    /** One session, to its end; false if it did not come to be. */
    private boolean serve(InetSocketAddress address) {
        var session = new Session(address);
        synchronized (this) {
            if (closed) {
                return false;
            }
            open.add(session);
        }
        try {
            session.run(settings.token(), settings.pod(), new Incoming());
        } catch (OutOfMemoryError e) {
            Sandboxd.say(address + ": " + e.getMessage());
            gone(session);
            return false; // No thread is to be had: that takes a while.
        } catch (IOException | RuntimeException e) {
            // The second: an address that is none, or what else a runtime may say wrong.
            Sandboxd.say(address + ": " + e.getMessage());
        }
        return gone(session);
    }

    private synchronized boolean gone(Session session) {
        open.remove(session);
        var service = live.remove(session);
        if (service != null) {
            service.end();
            if (!closed) {
                tend();
            }
        }
        notifyAll();
        return service != null;
    }

    /** Sees to it that everybody who is said to be there is cared for. */
    private void tend() {
        var wanted = new HashSet<InetSocketAddress>();
        live.keySet().forEach(session -> wanted.addAll(session.runtimes()));
        live.keySet().forEach(session -> wanted.remove(session.peer()));
        for (var address : wanted) {
            if (cared.size() < Session.MOST_RUNTIMES && cared.add(address)) {
                try {
                    Threads.start("runtime", () -> care(address));
                } catch (OutOfMemoryError e) {
                    cared.remove(address); // There is no thread to be had now; the next welcome comes soon.
                }
            }
        }
    }

    private final class Incoming implements Session.Receiver {
        @Override
        public void welcomed(Session session, Welcome welcome) {
            commands.trust(session.authority());
            synchronized (Sessions.this) {
                if (!live.containsKey(session)) {
                    live.put(session, new Service(session, commands, files, ledger, stop));
                    Sandboxd.say("session with " + session.peer());
                }
                tend();
            }
        }

        @Override
        public void received(Session session, Frame frame) throws IOException {
            Service service;
            synchronized (Sessions.this) {
                service = live.get(session);
                if (service != null && (frame instanceof Frame.Start || frame instanceof Frame.Find)) {
                    live.putLast(session, service);
                }
            }
            if (service == null || !(frame instanceof Frame.ToSandbox asked)) {
                throw new WireException("a runtime does not say that");
            }
            if (frame instanceof Frame.Start) {
                // Its proxy is the one that this command will meet, however many runtimes came and went since.
                commands.trust(session.authority());
            }
            service.received(asked);
        }
    }
}
