package dev.wheelhouse.core.effect;

import dev.wheelhouse.core.harness.PinnedTool;
import dev.wheelhouse.core.harness.RunId;
import dev.wheelhouse.core.money.Prices;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks again at what a run is pinned to, before a call that waited for a person. Thread-safe. */
@FunctionalInterface
public interface PinCheck {
    /** The tool as it is now. */
    ToolNow now(RunId run, PinnedTool tool) throws InterruptedException;

    /**
     * What these models cost now, by name; an empty value is a price that is not known any more. Models that could not be
     * looked at are not among them.
     */
    default Map<String, Optional<Prices>> prices(RunId run, List<String> models) {
        return Map.of();
    }
}
