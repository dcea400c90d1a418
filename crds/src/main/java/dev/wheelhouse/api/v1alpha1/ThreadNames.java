package dev.wheelhouse.api.v1alpha1;

/** Threads whose name nobody chose. */
public final class ThreadNames {
    private static final int MAX = 63;
    private static final int HASH = 8;

    private ThreadNames() {}

    /**
     * What {@code spec.thread} of this Schedule's runs is: its name, or null if each begins anew. A thread's name has
     * no dots and at most 63 characters; what has to be changed for that gets a hash, so that no two Schedules share a
     * thread.
     */
    public static String of(Schedule schedule) {
        return schedule.getSpec().thread() == ScheduleSpec.ThreadPolicy.Same
                ? of(schedule.getMetadata().getName())
                : null;
    }

    static String of(String name) {
        if (name.length() <= MAX && name.matches(Names.LABEL)) {
            return name;
        }
        String hash = "-" + Sha256.hex(name).substring(0, HASH);
        String plain = name.replace('.', '-');
        return plain.substring(0, Math.min(plain.length(), MAX - hash.length())) + hash;
    }
}
