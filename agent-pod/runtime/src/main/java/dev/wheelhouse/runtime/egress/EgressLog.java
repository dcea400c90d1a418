package dev.wheelhouse.runtime.egress;

import java.io.IOException;

/** Where the requests of one command are recorded. Thread-safe: its connections share it. */
public interface EgressLog {
    /**
     * Records a request, allowed or not. When it returns, the record is durable and an allowed request may leave.
     *
     * @throws IOException if it cannot be recorded, such as because the command is over: then nothing may leave
     */
    void requested(EgressRequest request) throws InterruptedException, IOException;

    /** Records how an allowed request ended. Does not wait. */
    void ended(EgressEnd end);

    /** The command is over, and its connections are cut: waits a moment until all that left has its end. */
    void over();
}
