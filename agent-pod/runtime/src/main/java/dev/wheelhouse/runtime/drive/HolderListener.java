package dev.wheelhouse.runtime.drive;

/** Told when this process begins and ceases to hold runs. Called on the Lease's thread: must be quick. */
interface HolderListener {
    void registered(Holder holder);

    /** The holder may act no more. */
    void lost(Holder holder);
}
