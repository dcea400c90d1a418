package dev.wheelhouse.runtime.egress;

import dev.wheelhouse.runtime.outbound.SecretFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The way out of sandboxes: speaks proxy HTTP on connections that their commands opened. What it is sent is hostile:
 * nothing leaves but what a rule allows, to an address that was checked, after it is in the run's journal. Thread-safe.
 */
public final class Egress {
    private static final Logger LOG = Logger.getLogger(Egress.class);

    private final SecretFiles secrets;
    private final Reach reach;
    private final Timeouts timeouts;
    private final Trust trust = new Trust();

    /**
     * @param secrets of this namespace, for credentials
     * @param never addresses that are never reached whatever anybody allows, such as the API server's; this pod's own,
     *     loopback, link-local, multicast and metadata addresses never are anyway
     */
    public Egress(SecretFiles secrets, Set<InetAddress> never) {
        this(secrets, new Reach(never), Timeouts.DEFAULT);
    }

    Egress(SecretFiles secrets, Reach reach, Timeouts timeouts) {
        this.secrets = secrets;
        this.reach = reach;
        this.timeouts = timeouts;
    }

    /** Serves one connection on the calling thread, which should be virtual, and closes it. Does not throw. */
    public void serve(Socket socket, EgressScope scope) {
        boolean entered = scope.counters().enter(scope.limits(), System.nanoTime());
        try (socket;
                Watch watch = new Watch(timeouts.idle())) {
            if (!entered) {
                return;
            }
            watch.guard(socket);
            if (!scope.connections().enter(watch)) {
                return;
            }
            try {
                socket.setTcpNoDelay(true);
                new Conversation(scope, reach, trust, secrets, timeouts, watch).serve(socket);
            } finally {
                scope.connections().leave(watch);
            }
        } catch (IOException e) {
            // The command is gone, or its connection is cut on purpose: there is nobody to tell.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // A defect of ours ends one connection; its message might quote what it choked on.
            LOG.errorf("Egress of sandbox %s: a connection failed with %s", scope.sandbox(), e.getClass());
        } finally {
            if (entered) {
                scope.counters().leave();
            }
        }
    }
}
