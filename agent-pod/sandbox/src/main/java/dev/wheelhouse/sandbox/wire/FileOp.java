package dev.wheelhouse.sandbox.wire;

/**
 * What a {@link Frame.FileCall} does. Paths are absolute or relative to the workspace; the daemon
 * refuses those that lead out of the workspace and the temporary folder, through links too.
 */
public sealed interface FileOp {
    /** A part of a file: {@code max} bytes at most from {@code offset}. */
    record Read(String path, long offset, int max) implements FileOp {}

    /** The whole file anew, in one step for its readers. {@code mode} such as 0644, or -1 to keep what is there. */
    record Write(String path, byte[] content, int mode) implements FileOp {}

    /** {@code oldText} becomes {@code newText}; without {@code all} it must be there exactly once. */
    record Edit(String path, String oldText, String newText, boolean all) implements FileOp {}

    /** The entries of a folder, {@code depth} levels down (1: only its own). */
    record ListDir(String path, int depth) implements FileOp {}

    /** The files of the workspace whose path matches, as in {@code **}{@code /*.csv}. */
    record Glob(String pattern) implements FileOp {}

    /** A file in pieces, in order from offset 0. It appears under its name with the last of them. */
    record Upload(String path, long offset, byte[] content, boolean last) implements FileOp {}
}
