package dev.wheelhouse.plugin;

import java.util.ArrayList;
import java.util.List;

/** What changed between two texts, line by line, as {@code diff} shows it. */
final class LineDiff {
    /** More lines than anybody compares by eye; the work grows with the square. */
    private static final int MANY = 2000;

    private LineDiff() {}

    /** All lines of both: kept ones after two spaces, removed ones after {@code -}, added ones after {@code +}. */
    static List<String> lines(List<String> before, List<String> after) {
        List<String> diff = new ArrayList<>();
        if (before.size() > MANY || after.size() > MANY) {
            before.forEach(line -> diff.add("- " + line));
            after.forEach(line -> diff.add("+ " + line));
            return diff;
        }
        int[][] common = common(before, after);
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            if (i < before.size() && j < after.size() && before.get(i).equals(after.get(j))) {
                diff.add("  " + before.get(i++));
                j++;
            } else if (j == after.size() || (i < before.size() && common[i + 1][j] >= common[i][j + 1])) {
                diff.add("- " + before.get(i++));
            } else {
                diff.add("+ " + after.get(j++));
            }
        }
        return diff;
    }

    /** Length of the longest common subsequence of what follows each pair of places. */
    private static int[][] common(List<String> before, List<String> after) {
        int[][] length = new int[before.size() + 1][after.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = after.size() - 1; j >= 0; j--) {
                length[i][j] = before.get(i).equals(after.get(j))
                        ? length[i + 1][j + 1] + 1
                        : Math.max(length[i + 1][j], length[i][j + 1]);
            }
        }
        return length;
    }
}
