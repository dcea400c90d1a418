package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Draws a delegation tree. Pure. */
final class RunTree {
    private record Row(String name, String agent, String step, String cost, String state) {}

    private RunTree() {}

    /** Lines of a table; {@code runs} are the descendants of {@code top} in any order. */
    static List<String> lines(Run top, List<Run> runs) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row("RUN", "AGENT", "STEP", "COST", "STATE"));
        add(rows, top, "", "", runs, new HashSet<>());
        int name = width(rows, Row::name);
        int agent = width(rows, Row::agent);
        int cost = width(rows, Row::cost);
        return rows.stream()
                .map(row -> String.format(
                        Locale.ROOT,
                        "%-" + name + "s   %-" + agent + "s   %4s   %-" + cost + "s   %s",
                        row.name(),
                        row.agent(),
                        row.step(),
                        row.cost(),
                        row.state()))
                .toList();
    }

    private static int width(List<Row> rows, java.util.function.Function<Row, String> column) {
        return rows.stream().map(column).mapToInt(String::length).max().orElse(1);
    }

    private static void add(List<Row> rows, Run run, String lead, String below, List<Run> runs, Set<String> seen) {
        if (!seen.add(run.getMetadata().getUid())) {
            return;
        }
        rows.add(row(run, lead));
        List<Run> children = runs.stream()
                .filter(child -> child.getSpec().parent() != null
                        && run.getMetadata()
                                .getUid()
                                .equals(child.getSpec().parent().uid()))
                .sorted(Comparator.comparing((Run child) -> Optional.ofNullable(
                                        child.getMetadata().getCreationTimestamp())
                                .orElse(""))
                        .thenComparing(child -> child.getMetadata().getName()))
                .toList();
        for (Run child : children) {
            boolean last = child == children.getLast();
            add(rows, child, below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "), runs, seen);
        }
    }

    private static Row row(Run run, String lead) {
        var status = Optional.ofNullable(run.getStatus());
        return new Row(
                lead + run.getMetadata().getName(),
                SafeText.line(run.getSpec().agent()),
                status.map(s -> s.step()).map(String::valueOf).orElse("-"),
                SafeText.line(status.map(s -> s.usage()).map(u -> u.cost()).orElse("-")),
                SafeText.line(RunLine.state(run)));
    }
}
