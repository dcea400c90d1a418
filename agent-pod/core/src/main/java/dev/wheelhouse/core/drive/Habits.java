package dev.wheelhouse.core.drive;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which answers of an agent's models lately called a tool whose calls have a place. Not durable, and nothing depends on
 * it but what is made ready beforehand: a wrong guess costs that, and no more. Thread-safe.
 */
final class Habits {
    /** So many answers in a row make a habit: where every other one calls a tool, one answer in 16 is guessed wrong. */
    private static final int ROW = 3;

    private static final int MAX_MOMENTS = 1024;

    /** @param step of the run, from 1, as long as it has used no place */
    record Moment(String namespace, String agent, int step) {}

    private record Habit(String tool, int row) {}

    private final Map<Moment, Habit> habits = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Moment, Habit> eldest) {
            return size() > MAX_MOMENTS;
        }
    };

    /** Name of the tool with a place that the answer is likely to call. */
    synchronized Optional<String> expected(Moment moment) {
        return Optional.ofNullable(habits.get(moment))
                .filter(habit -> habit.row() >= ROW)
                .map(Habit::tool);
    }

    /** The answer called this tool, and there was a place for it. */
    synchronized void called(Moment moment, String tool) {
        habits.merge(moment, new Habit(tool, 1), (old, one) -> new Habit(tool, Math.min(ROW, old.row() + 1)));
    }

    /** The answer called none. */
    synchronized void calledNone(Moment moment) {
        habits.remove(moment);
    }
}
