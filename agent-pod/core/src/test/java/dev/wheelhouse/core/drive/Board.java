package dev.wheelhouse.core.drive;

import dev.wheelhouse.core.approval.ApprovalPort;
import dev.wheelhouse.core.approval.Request;
import dev.wheelhouse.core.approval.Standing;
import dev.wheelhouse.core.approval.Standing.Phase;
import dev.wheelhouse.core.approval.Verdict;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.sim.Specs;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Approvals in memory, decided by the test. */
final class Board implements ApprovalPort {
    final Map<String, Request> requests = new LinkedHashMap<>();
    private final Map<String, Standing> standings = new LinkedHashMap<>();

    /** Name of the last one. */
    String last() {
        return requests.keySet().stream().reduce((a, b) -> b).orElseThrow();
    }

    Phase phase(String name) {
        return standings.get(name).phase();
    }

    void delete(String name) {
        standings.remove(name);
    }

    /** Somebody makes one of the same name again. */
    void recreate(String name, String uid) {
        Request request = requests.get(name);
        standings.put(
                name,
                new Standing(
                        name,
                        uid,
                        "1",
                        request.run().uid(),
                        request.payloadHash(),
                        Phase.Pending,
                        null,
                        null,
                        null,
                        null,
                        null,
                        false,
                        null));
    }

    void decide(String name, Phase phase, Verdict verdict, String reason, String text) {
        change(name, s -> of(s, phase, verdict, "bob", reason, text, s.requestHash(), true, null));
    }

    void unverified(String name) {
        change(name, s -> of(s, Phase.Approved, Verdict.Approve, "bob", null, null, s.requestHash(), false, null));
    }

    void change(String name, UnaryOperator<Standing> to) {
        standings.computeIfPresent(name, (n, s) -> to.apply(s));
    }

    static Standing of(
            Standing s,
            Phase phase,
            Verdict verdict,
            String by,
            String reason,
            String text,
            String hash,
            boolean verified,
            Long epoch) {
        return new Standing(
                s.name(),
                s.uid(),
                s.version() + "+",
                s.runUid(),
                hash,
                phase,
                verdict,
                by,
                Specs.START,
                reason,
                text,
                verified,
                epoch);
    }

    @Override
    public Optional<String> create(RunId run, String name, Request request) {
        requests.putIfAbsent(name, request);
        standings.computeIfAbsent(
                name,
                n -> new Standing(
                        name,
                        "uid-" + name,
                        "1",
                        run.uid(),
                        request.payloadHash(),
                        Phase.Pending,
                        null,
                        null,
                        null,
                        null,
                        null,
                        false,
                        null));
        return requests.get(name).payloadHash().equals(request.payloadHash())
                ? Optional.of("uid-" + name)
                : Optional.empty();
    }

    @Override
    public Optional<Standing> look(RunId run, String name) {
        return Optional.ofNullable(standings.get(name));
    }

    @Override
    public boolean consume(RunId run, Standing seen, long epoch) {
        return put(seen, Phase.Consumed, epoch);
    }

    @Override
    public boolean withdraw(RunId run, Standing seen, String why) {
        return put(seen, Phase.Withdrawn, null);
    }

    private boolean put(Standing seen, Phase phase, Long epoch) {
        if (!seen.equals(standings.get(seen.name()))) {
            return false;
        }
        standings.put(
                seen.name(),
                of(
                        seen,
                        phase,
                        seen.verdict(),
                        seen.decidedBy(),
                        seen.reason(),
                        seen.text(),
                        seen.requestHash(),
                        seen.identityVerified(),
                        epoch));
        return true;
    }
}
