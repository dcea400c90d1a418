package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.api.v1alpha1.RunStatus;
import dev.wheelhouse.api.v1alpha1.SandboxState;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.runtime.drive.RunDesk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** Statuses in memory; what is written is counted. */
final class FakeDesk implements RunDesk {
    final Map<String, SandboxState> states = new ConcurrentHashMap<>();
    final Map<String, Network> networks = new ConcurrentHashMap<>();
    final List<RunStatus.Artifact> kept = new CopyOnWriteArrayList<>();
    final Set<String> unsaid = ConcurrentHashMap.newKeySet();
    final List<String> writes = new CopyOnWriteArrayList<>();
    volatile Call call = Call.GOES_ON;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    void becomes(Call now) {
        call = now;
        listeners.forEach(Runnable::run);
    }

    void used(RunId run, SandboxState.Request wanted, String pod, String uid, int number) {
        states.put(run.uid(), new SandboxState(wanted, pod, uid, number));
    }

    @Override
    public Optional<SandboxState> sandbox(RunId run) {
        return Optional.ofNullable(states.get(run.uid()));
    }

    @Override
    public synchronized void sandboxSoon(RunId run, UnaryOperator<SandboxState> change, Network network) {
        states.put(run.uid(), change.apply(states.getOrDefault(run.uid(), SandboxState.NONE)));
        if (network != null) {
            networks.put(run.uid(), network);
        }
        unsaid.add(run.uid());
    }

    @Override
    public boolean sandboxUnsaid(RunId run) {
        return unsaid.contains(run.uid());
    }

    @Override
    public synchronized void sandbox(RunId run, UnaryOperator<SandboxState> change, Network network) {
        SandboxState before = states.getOrDefault(run.uid(), SandboxState.NONE);
        SandboxState after = change.apply(before);
        boolean news = network != null && !network.equals(networks.get(run.uid()));
        if (!unsaid.remove(run.uid()) && after.equals(before) && !news) {
            return;
        }
        states.put(run.uid(), after);
        if (network != null) {
            networks.put(run.uid(), network);
        }
        writes.add(after.toString());
    }

    @Override
    public void artifact(RunId run, RunStatus.Artifact artifact) {
        kept.removeIf(other -> other.name().equals(artifact.name()));
        kept.add(artifact);
        writes.add(artifact.toString());
    }

    @Override
    public List<RunStatus.Artifact> artifacts(RunId run) {
        return new ArrayList<>(kept);
    }

    @Override
    public Call call(RunId run) {
        return call;
    }

    @Override
    public Runnable onChange(RunId run, Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
