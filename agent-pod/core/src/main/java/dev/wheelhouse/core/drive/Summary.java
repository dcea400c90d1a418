package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.money.Spend;

/**
 * What a status shows of a run.
 *
 * @param steps answers of the model so far
 * @param modelCalls attempts included
 * @param toolCalls calls whose intent was recorded, and malformed ones
 * @param spent tokens and money, those of child runs and of lost calls included; the cost is null if a price is unknown
 * @param records number of journal records
 * @param head hash of the last record, or null if there is none
 * @param questions questions to people that are open
 * @param pinnedDigest {@code sha256:hex}, hash of the journal record that holds what the run is pinned to; null before that
 */
public record Summary(
        int steps,
        int modelCalls,
        int toolCalls,
        int questions,
        Spend spent,
        long records,
        String head,
        String pinnedDigest) {
    /** Of a run that has no question open. */
    public Summary(
            int steps, int modelCalls, int toolCalls, Spend spent, long records, String head, String pinnedDigest) {
        this(steps, modelCalls, toolCalls, 0, spent, records, head, pinnedDigest);
    }

    /** Of a run without a journal. */
    public static final Summary EMPTY = new Summary(0, 0, 0, Spend.NONE, 0, null, null);
}
