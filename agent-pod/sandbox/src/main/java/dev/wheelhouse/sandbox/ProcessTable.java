package dev.wheelhouse.sandbox;

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

    private ProcessTable() {}

    /** A process that is not over; {@code zombie}: it is, but was not taken by its parent. */
    record Entry(int pid, int parent, boolean zombie) {}

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
    static boolean startedWith(int pid, String variable) {
        try (var in = Files.newInputStream(PROC.resolve(Integer.toString(pid)).resolve("environ"))) {
            var text = "\0" + new String(in.readNBytes(LONGEST_ENVIRONMENT), StandardCharsets.ISO_8859_1) + "\0";
            return text.contains("\0" + variable + "\0");
        } catch (IOException e) {
            return false; // gone, or not ours
        }
    }

    /** Makes the kernel take this process first, before the daemon, when memory runs out. */
    static void takeFirst(long pid) {
        try {
            Files.writeString(PROC.resolve(Long.toString(pid)).resolve("oom_score_adj"), "1000");
        } catch (IOException e) {
            // It is over already, or this is no container: the kernel then chooses by size.
        }
    }

    private static Entry entry(Path folder) {
        try {
            // The name in parentheses may hold anything, parentheses too.
            var stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
            var rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 3);
            var pid = Integer.parseInt(folder.getFileName().toString());
            return new Entry(pid, Integer.parseInt(rest[1]), rest[0].equals("Z") || rest[0].equals("X"));
        } catch (IOException | RuntimeException e) {
            return null; // gone meanwhile
        }
    }
}
