package dev.wheelhouse.runtime.sandbox;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Room for connections, so that however many sandboxes are hostile, none takes away another one's. A few places are each
 * address's own: nobody else can fill them. What goes beyond is from one stock for all, of which an address gets one more
 * only while it has taken fewer than are left: who has much gets nothing when there is little. Thread-safe.
 */
final class Places {
    /**
     * More addresses than a runtime has sandboxes: the NetworkPolicy lets nobody else connect, and this keeps the whole
     * bounded where it is not enforced.
     */
    private static final int ADDRESSES = 1024;

    private final int own;
    private final int most;
    private final Map<InetAddress, Integer> taken = new HashMap<>();
    private int left;

    /**
     * @param own of each address
     * @param most that one address may have
     * @param shared by all addresses beyond their own
     */
    Places(int own, int most, int shared) {
        this.own = own;
        this.most = most;
        this.left = shared;
    }

    /** Whether there is a place; then it is taken until {@link #leave}. */
    synchronized boolean enter(InetAddress from) {
        int has = taken.getOrDefault(from, 0);
        if (has >= most || has == 0 && taken.size() >= ADDRESSES) {
            return false;
        }
        if (has >= own) {
            if (has - own >= left) {
                return false;
            }
            left--;
        }
        taken.put(from, has + 1);
        return true;
    }

    synchronized void leave(InetAddress from) {
        int has = taken.get(from);
        if (has > own) {
            left++;
        }
        if (has == 1) {
            taken.remove(from);
        } else {
            taken.put(from, has - 1);
        }
    }
}
