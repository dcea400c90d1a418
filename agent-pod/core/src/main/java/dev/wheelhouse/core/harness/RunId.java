package dev.wheelhouse.core.harness;

/** Identity of a run: namespace and name for people, UID for everything that must not be confused. */
public record RunId(String namespace, String name, String uid) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
