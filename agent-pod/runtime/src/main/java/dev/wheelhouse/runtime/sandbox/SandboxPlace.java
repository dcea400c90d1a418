package dev.wheelhouse.runtime.sandbox;

/**
 * A sandbox in which calls of a run are made.
 *
 * @param number how many sandboxes the run has had with this one, from 1
 */
record SandboxPlace(int number, String pod, String podUid) {
    private static final int PARTS = 3;

    /**
     * From what an intent of the journal says.
     *
     * @param text null: it says nothing
     * @throws IllegalArgumentException if no version up to this one wrote it
     */
    static SandboxPlace of(String text) {
        if (text == null) {
            return null;
        }
        String[] parts = text.split(" ");
        if (parts.length != PARTS) {
            throw new IllegalArgumentException("no place of a sandbox: " + text);
        }
        return new SandboxPlace(Integer.parseInt(parts[0]), parts[1], parts[2]);
    }

    /** For the intent. Names and UIDs of pods have no spaces. */
    String text() {
        return number + " " + pod + " " + podUid;
    }
}
