package dev.wheelhouse.core.approval;

import dev.wheelhouse.core.harness.RunId;
import java.util.Optional;

/** Where questions are put to people and their decisions read. Thread-safe. */
public interface ApprovalPort {
    /**
     * Puts a question, unless it is put already.
     *
     * @return UID of the Approval that asks exactly this; empty if one of that name asks something else
     */
    Optional<String> create(RunId run, String name, Request request) throws Unavailable, InterruptedException;

    /** What stands there now, never from a cache; empty if nothing does. */
    Optional<Standing> look(RunId run, String name) throws Unavailable, InterruptedException;

    /**
     * Uses up an approval, if nothing about it changed since it was looked at.
     *
     * @return false if something did: look again
     */
    boolean consume(RunId run, Standing seen, long epoch) throws Unavailable, InterruptedException;

    /**
     * Takes a question back, if nothing about it changed since it was looked at.
     *
     * @return false if something did: look again
     */
    boolean withdraw(RunId run, Standing seen, String why) throws Unavailable, InterruptedException;

    /** There was no answer; it may have happened. */
    final class Unavailable extends Exception {
        public Unavailable(String message) {
            super(message);
        }
    }
}
