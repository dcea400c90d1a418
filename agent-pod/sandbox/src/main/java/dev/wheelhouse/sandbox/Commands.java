package dev.wheelhouse.sandbox;

import dev.wheelhouse.sandbox.wire.Frame.Start;
import java.util.HashMap;
import java.util.Map;

/** Starts commands, with the environment by which they find the proxy and trust it. */
final class Commands implements Ledger.Starter {
    private final Settings settings;
    private final Processes processes;
    private final SpoolFolder spools;
    private final Authorities authorities;
    private volatile Map<String, String> proxy = Map.of();

    Commands(Settings settings, Processes processes) {
        this.settings = settings;
        this.processes = processes;
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
