package dev.wheelhouse.core.approval;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Evaluates the expressions that say when a call needs a person. Pure: the same case gives the same answer. */
@FunctionalInterface
public interface Conditions {
    /** For tools without expressions. One that comes nevertheless counts as true: better asked than sorry. */
    Conditions NONE = (expression, about) -> true;

    /** Whether the expression holds; one that fails counts as true. */
    boolean holds(String expression, Case about);

    /**
     * What an expression can look at.
     *
     * @param step number of the model's answer, from 1
     * @param costMicros micro-dollars so far, or null if a price is unknown
     */
    record Case(ObjectNode arguments, String run, String agent, String requester, int step, Long costMicros) {}
}
