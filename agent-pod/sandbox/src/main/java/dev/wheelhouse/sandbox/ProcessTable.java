package dev.wheelhouse.sandbox;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What /proc says of the processes that there are. Everything in it is written by what runs here. */
final class ProcessTable {
    private static final Path PROC = Path.of("/proc");
    private static final int LONGEST_ENVIRONMENT = 256 << 10;
    /** Places in /proc/[pid]/stat, see proc(5), counted from behind the name. */
    private static final int STATE = 0;

    private static final int PARENT = 1;
    private static final int FLAGS = 6;
    private static final int CODE_END = 24;
    private static final int ENVIRONMENT_START = 47;
    private static final int ENVIRONMENT_END = 48;
    /** PF_KTHREAD of the kernel's sched.h. */
    private static final long KERNEL_THREAD = 0x0020_0000;

    private static final byte[] MOST_WANTED = {'1', '0', '0', '0'};

    private ProcessTable() {}

    /** A process that is not over; {@code zombie}: it is, but was not taken by its parent. */
    record Entry(int pid, int parent, boolean zombie) {}

    /**
     * What can be said of a process. In the middle of an exec, when the old program is gone and the
     * new one not there yet, it has no environment: it must be asked again.
     */
    enum Answer {
        YES,
        NO,
        NOT_NOW
    }

    /** All processes, those that come and go meanwhile may be missing. */
    static List<Entry> all() {
        var found = new ArrayList<Entry>();
        try (var folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var folder : folders) {
                var entry = entry(folder);
                if (entry != null) {
                    found.add(entry);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return found;
        }
        return found;
    }

    /** The processes below this one, itself included. */
    static Set<Integer> tree(List<Entry> all, int root) {
        var tree = new HashSet<Integer>();
        tree.add(root);
        var grown = true;
        while (grown) {
            grown = false;
            for (var entry : all) {
                grown |= tree.contains(entry.parent()) && tree.add(entry.pid());
            }
        }
        return tree;
    }

    /** Whether the process was started with this text, such as "NAME=value", in its environment. */
    static Answer startedWith(int pid, String variable) {
        var folder = PROC.resolve(Integer.toString(pid));
        try (var in = Files.newInputStream(folder.resolve("environ"))) {
            var text = new String(in.readNBytes(LONGEST_ENVIRONMENT), StandardCharsets.ISO_8859_1);
            if (text.isEmpty()) {
                return hasNoEnvironment(folder) ? Answer.NO : Answer.NOT_NOW;
            }
            return ("\0" + text + "\0").contains("\0" + variable + "\0") ? Answer.YES : Answer.NO;
        } catch (IOException e) {
            return Answer.NO; // gone, or not ours
        }
    }

    /**
     * Whether it is a thread of the kernel, or a program that was given no variables. While the kernel
     * copies the variables, their end is none at first and then their start; it says where the code
     * is only after that.
     */
    private static boolean hasNoEnvironment(Path folder) throws IOException {
        var stat = stat(folder);
        return (Long.parseLong(stat[FLAGS]) & KERNEL_THREAD) != 0
                || (!stat[CODE_END].equals("0") && stat[ENVIRONMENT_END].equals(stat[ENVIRONMENT_START]));
    }

    /** Makes the kernel take this process first, before the daemon, when memory runs out. */
    static void takeFirst(long pid) {
        // The plainest way to write a file: this is part of the start of every command.
        try (var file = new FileOutputStream("/proc/" + pid + "/oom_score_adj")) {
            file.write(MOST_WANTED);
        } catch (IOException e) {
            // It is over already, or this is no container: the kernel then chooses by size.
        }
    }

    private static Entry entry(Path folder) {
        try {
            var stat = stat(folder);
            var over = stat[STATE].equals("Z") || stat[STATE].equals("X");
            return new Entry(Integer.parseInt(folder.getFileName().toString()), Integer.parseInt(stat[PARENT]), over);
        } catch (IOException | RuntimeException e) {
            return null; // gone meanwhile
        }
    }

    /** The fields behind the name: that is in parentheses and may hold anything, parentheses too. */
    private static String[] stat(Path folder) throws IOException {
        var stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
        return stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ");
    }
}
