package dev.wheelhouse.runtime.tool;

/** Kinds of tools, as {@code PinnedTool.kind} spells them. */
public enum ToolKind {
    http,
    mcp,
    delegate,
    /** Answered by people, never called. */
    ask,
    /** Works in the run's sandbox. */
    sandbox;

    /** Server name of tools that no ToolServer declares. */
    public static final String BUILTIN = "builtin";
}
