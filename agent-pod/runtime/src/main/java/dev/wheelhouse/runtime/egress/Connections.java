package dev.wheelhouse.runtime.egress;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The connections of one command, which are cut together when it is over. Thread-safe. */
public final class Connections {
    private final Set<Watch> open = new HashSet<>();
    private boolean over;

    /** @return false if the command is over */
    synchronized boolean enter(Watch one) {
        return !over && open.add(one);
    }

    synchronized void leave(Watch one) {
        open.remove(one);
    }

    void cut() {
        last().forEach(Watch::cut);
    }

    private synchronized List<Watch> last() {
        over = true;
        return List.copyOf(open);
    }
}
