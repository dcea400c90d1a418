package dev.wheelhouse.core.drive;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** What the world tells a run while it is driven. Thread-safe; every signal is one-way. */
public final class Signals {
    private final BooleanSupplier leaseLost;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean cancelled;
    private volatile boolean draining;
    private volatile boolean fenced;

    /** @param leaseLost asked before every effect: whether the process may no longer start one */
    public Signals(BooleanSupplier leaseLost) {
        this.leaseLost = leaseLost;
    }

    /** Somebody set {@code spec.cancel}. */
    public void cancel() {
        cancelled = true;
        tell();
    }

    /** The process ends soon: hand the run over. */
    public void drain() {
        draining = true;
        tell();
    }

    /** The run was taken away: drop it, write and call nothing more. */
    public void fence() {
        fenced = true;
        tell();
    }

    public boolean cancelled() {
        return cancelled;
    }

    public boolean draining() {
        return draining;
    }

    public boolean fenced() {
        return fenced || leaseLost.getAsBoolean();
    }

    /** Calls the listener after each signal, on the signalling thread, until the returned handle is run. */
    public Runnable onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void tell() {
        listeners.forEach(Runnable::run);
    }
}
