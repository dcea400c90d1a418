package dev.wheelhouse.core.journal;

import java.time.Instant;

/**
 * One link of the chain.
 *
 * @param seq place in the journal, from 1
 * @param epoch of the process that wrote it
 * @param at when, to the millisecond, by the writer's clock
 * @param prev hash of the record before, or {@link RecordCodec#ROOT}
 * @param hash {@code sha256:hex} over the canonical record without its hash
 */
public record JournalRecord(long seq, long epoch, Instant at, String prev, Entry entry, String hash) {}
