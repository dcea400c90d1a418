package dev.wheelhouse.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Starts the processes of commands and sees to it that nothing of a command outlives it: neither
 * its children nor what left its family by a double fork. As process 1 it also takes the orphans
 * that end, and, when the last command is over, kills whatever there is.
 */
final class Processes {
    /** The variable by which the offspring of a command is known, unless it hides; for the latter there is {@link #sweep}. */
    static final String MARK = "WHEELHOUSE_CALL";

    private static final long KILLING_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_MILLIS = 2;
    private static final long ORPHANS_MILLIS = 200;
    /** They count against the node's limit of processes, so a command that leaves many must not wait for that. */
    private static final long MORE_ORPHANS_MILLIS = 10;

    private final boolean first = ProcessHandle.current().pid() == 1;
    /** The processes of the commands that run, by call. Java takes those itself when they end. */
    private final Map<String, Process> running = new HashMap<>();

    Processes() {
        if (first) {
            Threads.start("orphans", this::takeOrphans);
        }
    }

    /** Starts a command's process. */
    synchronized Process start(String callId, ProcessBuilder builder) throws IOException {
        builder.environment().put(MARK, mark(callId));
        var process = builder.start();
        ProcessTable.takeFirst(process.pid());
        running.put(callId, process);
        notifyAll();
        return process;
    }

    /** Kills the command's process and all that can be told to be its offspring; returns when it is gone, or will not go. */
    void kill(String callId) {
        Process process;
        synchronized (this) {
            process = running.get(callId);
        }
        if (process != null) {
            kill(callId, (int) process.pid());
        }
    }

    /** The command's own process is over: ends what it left behind. */
    void over(String callId) {
        if (sweptAfter(callId)) {
            return;
        }
        kill(callId, 0);
        synchronized (this) {
            running.remove(callId);
            if (running.isEmpty()) {
                sweep();
            }
        }
    }

    /** If nobody else's command runs, there is no need to look for what this one left behind: it is all there is. */
    private synchronized boolean sweptAfter(String callId) {
        if (!first || running.size() > (running.containsKey(callId) ? 1 : 0)) {
            return false;
        }
        sweep();
        running.remove(callId);
        return true;
    }

    /** Ends everything, for good. */
    synchronized void end() {
        running.values().forEach(Process::destroyForcibly);
        if (first) {
            sweep();
        } else {
            running.keySet().forEach(callId -> kill(callId, 0));
        }
    }

    private void kill(String callId, int root) {
        var variable = MARK + "=" + mark(callId);
        var victims = new HashSet<Integer>();
        repeat(round -> {
            var all = ProcessTable.all();
            if (root > 0 && round) {
                victims.addAll(ProcessTable.tree(all, root));
            }
            var clean = true;
            for (var entry : all) {
                if (entry.zombie() || entry.pid() == ProcessHandle.current().pid()) {
                    continue;
                }
                var answer = isOf(entry, victims)
                        ? ProcessTable.Answer.YES
                        : ProcessTable.startedWith(entry.pid(), variable);
                if (answer == ProcessTable.Answer.YES) {
                    victims.add(entry.pid());
                    Kernel.kill(entry.pid(), Kernel.SIGKILL);
                }
                clean &= answer == ProcessTable.Answer.NO;
            }
            return clean;
        });
    }

    /** Children of a victim belong to it, also those it made since. */
    private static boolean isOf(ProcessTable.Entry entry, Set<Integer> victims) {
        return victims.contains(entry.pid()) || victims.contains(entry.parent());
    }

    /**
     * Kills every process but this one, if it is process 1 of a container. No command may start
     * meanwhile: the caller holds the lock. The kernel does it at once for all, so that not even
     * processes that multiply can outrun it.
     */
    private void sweep() {
        if (!first) {
            return;
        }
        repeat(round -> !Kernel.kill(-1, Kernel.SIGKILL)
                || ProcessTable.all().stream().allMatch(entry -> entry.pid() == 1 || entry.zombie()));
        reap();
    }

    /** Tries until it is done, or for some seconds: a process that waits for a broken disk does not die. */
    private static void repeat(Predicate<Boolean> done) {
        var start = System.nanoTime();
        var firstRound = true;
        while (!done.test(firstRound) && System.nanoTime() - start < KILLING_NANOS) {
            firstRound = false;
            pause(PAUSE_MILLIS);
        }
    }

    /** Now and then: a thread that waits for each would wake for every command's own process too. */
    private synchronized void takeOrphans() {
        var some = false;
        try {
            while (true) {
                while (running.isEmpty()) {
                    wait();
                }
                wait(some ? MORE_ORPHANS_MILLIS : ORPHANS_MILLIS);
                some = reap();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes who ended, up to one that Java takes itself in a moment. Answers whether there was anybody. */
    private boolean reap() {
        var some = false;
        for (var dead = Kernel.deadChild(); dead > 0 && !isCommand(dead); dead = Kernel.deadChild()) {
            Kernel.reap(dead);
            some = true;
        }
        return some;
    }

    private boolean isCommand(int pid) {
        return running.values().stream().anyMatch(process -> process.pid() == pid);
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Call ids come from a model's provider: nothing in them may be mistaken for something else. No hash, see {@link Names}. */
    private static String mark(String callId) {
        return HexFormat.of().formatHex(callId.getBytes(StandardCharsets.UTF_8));
    }
}
