package dev.wheelhouse.core.drive;

/** The run must not be driven any further from the state that this process has. */
final class LetGo extends Exception {
    private final transient RunEnd end;
    private final boolean worthAnotherLook;

    LetGo(RunEnd end) {
        this(end, false);
    }

    /** @param worthAnotherLook whether it may be a lower epoch that wrote: opening again tells */
    LetGo(RunEnd end, boolean worthAnotherLook) {
        super(end.toString(), null, false, false);
        this.end = end;
        this.worthAnotherLook = worthAnotherLook;
    }

    RunEnd end() {
        return end;
    }

    boolean worthAnotherLook() {
        return worthAnotherLook;
    }
}
