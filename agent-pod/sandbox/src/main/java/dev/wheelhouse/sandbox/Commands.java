package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame.Start;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Starts commands, with the environment by which they find the proxy and trust it. */
final class Commands implements Ledger.Starter {
    private static final long WARM_UP_MILLIS = 1_000;

    private final Settings settings;
    private final Processes processes;
    private final Ledger ledger;
    private final SpoolFolder spools;
    private final Authorities authorities;
    private volatile Map<String, String> proxy = Map.of();

    Commands(Settings settings, Processes processes, Ledger ledger) {
        this.settings = settings;
        this.processes = processes;
        this.ledger = ledger;
        spools = new SpoolFolder(settings.workspace(), settings.temporary());
        authorities = new Authorities(settings.temporary());
    }

    void proxyAt(int port) {
        var url = "http://127.0.0.1:" + port;
        var variables = new HashMap<String, String>();
        for (var name : new String[] {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}) {
            variables.put(name, url);
        }
        // What a command itself serves on the loopback interface is not the proxy's affair.
        variables.put("NO_PROXY", "localhost,127.0.0.1,::1");
        variables.put("no_proxy", "localhost,127.0.0.1,::1");
        proxy = Map.copyOf(variables);
    }

    /** Whom commands shall trust besides the image's authorities, in PEM; null adds nobody. */
    void trust(String caPem) {
        authorities.add(caPem);
    }

    /** Runs a command that does nothing, for nobody: the first one that somebody waits for finds all of this loaded. */
    void warmUp() {
        var nothing = new Start("warm-up", List.of("/bin/sh", "-c", ":"), Map.of(), null, null, WARM_UP_MILLIS, 0);
        start(make(nothing), () -> {});
    }

    /** The command of this call, started now if it is new. */
    Command start(Start start) {
        return ledger.start(start, this);
    }

    @Override
    public Command make(Start start) {
        return new Command(start, processes, spools);
    }

    @Override
    public void start(Command command, Runnable whenOver) {
        var environment = new HashMap<>(proxy);
        environment.putAll(authorities.environment());
        command.start(settings.workspace(), environment, whenOver);
    }
}
