package dev.wheelhouse.sandbox.wire;

import java.io.IOException;

/** The other side sent what is no frame. There is no way to go on: the connection is to be closed. */
public final class WireException extends IOException {
    private static final long serialVersionUID = 1;

    public WireException(String message) {
        super(message);
    }
}
