package dev.wheelhouse.operator.reconcile;

import java.util.function.BooleanSupplier;

/** When decisions may be made: not before everything they rest on has been loaded. */
public final class Gate {
    private final BooleanSupplier loaded;
    private final BooleanSupplier leading;

    /**
     * @param loaded whether all caches show the state at their start
     * @param leading whether this operator leads; an optimisation, for all writes are safe with two leaders
     */
    public Gate(BooleanSupplier loaded, BooleanSupplier leading) {
        this.loaded = loaded;
        this.leading = leading;
    }

    /** Whether everything has been loaded. */
    public boolean loaded() {
        return loaded.getAsBoolean();
    }

    /** Whether everything has been loaded and this operator leads. */
    public boolean leading() {
        return leading.getAsBoolean() && loaded();
    }
}
