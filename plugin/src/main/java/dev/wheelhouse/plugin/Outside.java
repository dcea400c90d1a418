package dev.wheelhouse.plugin;

import dev.wheelhouse.core.journal.Entry;
import java.util.HashMap;
import java.util.Map;

/** Tells what commands reached outside of their sandbox, and puts each end to its beginning. */
final class Outside {
    private final Map<String, String> asked = new HashMap<>();

    String asked(Entry.EgressRequested request) {
        String what = request.method() + " " + request.scheme() + "://" + request.host() + ":" + request.port()
                + request.path();
        if (!request.allowed()) {
            return "refused " + what + ": " + request.reason();
        }
        asked.put(request.id(), what);
        return what;
    }

    String ended(Entry.EgressEnded end) {
        String what = asked.remove(end.id());
        String bytes = " (" + Amounts.count(end.requestBytes(), "byte") + " sent, "
                + Amounts.count(end.responseBytes(), "byte") + " received)";
        return (end.status() == 0 ? "no answer" : Integer.toString(end.status()))
                + (what == null ? "" : " from " + what)
                + bytes
                + (end.error() == null ? "" : ": " + end.error());
    }
}
