package dev.wheelhouse.plugin;

import dev.wheelhouse.api.v1alpha1.Run;
import dev.wheelhouse.core.journal.JournalRecord;
import java.io.PrintWriter;
import java.util.List;

/** Prints what is new each time it is shown a run and its journal. Not thread-safe. */
final class LogPrinter {
    private final PrintWriter out;
    private final Narrator narrator;
    private int told;
    private String head;
    private String state;
    private boolean damaged;

    LogPrinter(PrintWriter out, int maxChars) {
        this.out = out;
        this.narrator = new Narrator(maxChars);
    }

    /** Prints the records that were not printed yet, then the run's state if it is another than before. */
    void show(Run run, StoredJournal journal) {
        StoredJournal.Reading reading = journal.read();
        List<JournalRecord> records = reading.records();
        if (told > 0 && (records.size() < told || !records.get(told - 1).hash().equals(head))) {
            damage("what was printed is not in the journal any more");
        }
        if (!damaged) {
            records.subList(told, records.size())
                    .forEach(record -> narrator.tell(record).forEach(out::println));
            told = records.size();
            head = told == 0 ? null : records.getLast().hash();
        }
        if (reading.damage() != null) {
            damage(reading.damage());
        }
        String now = RunLine.state(run);
        if (!now.equals(state)) {
            out.println("== " + SafeText.line(now));
            state = now;
        }
        out.flush();
    }

    private void damage(String what) {
        if (!damaged) {
            out.println(SafeText.line("== journal DAMAGED: " + what));
        }
        damaged = true;
    }

    /** Records printed so far. */
    int told() {
        return told;
    }

    boolean damaged() {
        return damaged;
    }
}
