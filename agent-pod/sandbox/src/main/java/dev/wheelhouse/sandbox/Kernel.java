package dev.wheelhouse.sandbox;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The few calls that process 1 of a pod needs and Java does not have. Linux, 64 bits. None of them blocks.
 */
final class Kernel {
    static final int SIGKILL = 9;

    private static final int PR_SET_DUMPABLE = 4;
    private static final int P_ALL = 0;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x01000000;
    private static final long SIGINFO_BYTES = 128;
    /** si_pid of a siginfo_t for SIGCHLD, after si_signo, si_errno, si_code and padding. */
    private static final long SI_PID = 16;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle KILL = find("kill", 2, 0);
    private static final MethodHandle PRCTL = find("prctl", 5, 1);
    private static final MethodHandle WAITPID = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("waitpid"),
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle WAITID = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("waitid"),
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT));

    private Kernel() {}

    /** Sends a signal; true if there was somebody to send it to. {@code pid} -1: everybody but process 1. */
    static boolean kill(int pid, int signal) {
        if (pid <= 0 && ProcessHandle.current().pid() != 1) {
            // Outside of a container of its own this would end the machine it runs on.
            throw new IllegalStateException("only process 1 may signal more than one process at once");
        }
        try {
            return (int) KILL.invokeExact(pid, signal) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nobody of the same user may trace this process or read its memory and environment from now on. */
    static boolean hide() {
        try {
            return (int) PRCTL.invokeExact(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A child that ended, without taking it; 0 or less if there is none. */
    static int deadChild() {
        try (var arena = Arena.ofConfined()) {
            var info = arena.allocate(SIGINFO_BYTES, 8);
            var result = (int) WAITID.invokeExact(P_ALL, 0, info, WEXITED | WNOWAIT | WNOHANG);
            return result == 0 ? info.get(ValueLayout.JAVA_INT, SI_PID) : -1;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes a child that ended, so that its entry in the process table becomes free. */
    static void reap(int pid) {
        try {
            var taken = (int) WAITPID.invokeExact(pid, MemorySegment.NULL, WNOHANG);
            assert taken <= pid;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A function of ints; those from {@code variadic} on (0: none) are longs behind an ellipsis. */
    private static MethodHandle find(String name, int arguments, int variadic) {
        var layouts = new MemoryLayout[arguments];
        for (var i = 0; i < arguments; i++) {
            layouts[i] = variadic > 0 && i >= variadic ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT;
        }
        var options =
                variadic > 0 ? new Linker.Option[] {Linker.Option.firstVariadicArg(variadic)} : new Linker.Option[0];
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts),
                options);
    }
}
