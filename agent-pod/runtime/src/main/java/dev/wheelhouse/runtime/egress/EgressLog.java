package dev.wheelhouse.runtime.egress;

import java.io.IOException;

/** Where requests are recorded. Thread-safe: the connections of a run share it. */
public interface EgressLog {
    /**
     * Records a request, allowed or not. When it returns, the record is durable and an allowed request may leave.
     *
     * @throws IOException if it cannot be recorded, such as because the command is over: then nothing may leave
     */
    void requested(EgressRequest request) throws InterruptedException, IOException;

    /** Records how an allowed request ended. Does not wait, and is lost if the command is over. */
    void ended(EgressEnd end);
}
