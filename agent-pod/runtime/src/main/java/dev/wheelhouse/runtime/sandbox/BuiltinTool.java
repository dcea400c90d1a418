package dev.wheelhouse.runtime.sandbox;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.core.effect.EffectClass;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** The tools that every agent with a sandbox has. The names are what models see and journals keep. */
public enum BuiltinTool {
    SHELL("shell", EffectClass.RECONCILABLE),
    PYTHON("python", EffectClass.RECONCILABLE),
    READ_FILE("read_file", EffectClass.READ_ONLY),
    WRITE_FILE("write_file", EffectClass.IDEMPOTENT),
    EDIT_FILE("edit_file", EffectClass.RECONCILABLE),
    LIST_FILES("list_files", EffectClass.READ_ONLY),
    SAVE_ARTIFACT("save_artifact", EffectClass.RECONCILABLE);

    /** Longest time a command may ask for. */
    static final int MAX_SECONDS = 600;
    /** Time of a command that asks for none. */
    static final int SECONDS = 120;
    /** Longest time a file operation may take once there is a sandbox. */
    static final Duration FILE_LIMIT = Duration.ofSeconds(60);
    /** How long a call waits for a sandbox before its run waits instead of it. */
    static final Duration COMING_UP = Duration.ofSeconds(60);
    /** What a call may take beyond its own time: upload of files, the end of the command, and its report. */
    static final Duration REPORT = Duration.ofSeconds(45);

    /** Characters of one argument of a process: Linux has a limit of 128 KiB. */
    private static final int MAX_COMMAND = 30_000;

    private static final int MAX_TEXT = 200_000;
    private static final int MAX_PATH = 1024;

    private final String toolName;
    private final EffectClass effect;

    BuiltinTool(String toolName, EffectClass effect) {
        this.toolName = toolName;
        this.effect = effect;
    }

    /** As the model calls it. */
    public String toolName() {
        return toolName;
    }

    /** What may be done with a call of unknown outcome. */
    public EffectClass effect() {
        return effect;
    }

    /** Longest time of a call, coming up of the sandbox included. */
    public Duration timeout() {
        Duration own = switch (this) {
            case SHELL, PYTHON -> Duration.ofSeconds(MAX_SECONDS);
            case READ_FILE, WRITE_FILE, EDIT_FILE, LIST_FILES -> FILE_LIMIT;
            case SAVE_ARTIFACT -> FILE_LIMIT.multipliedBy(2);
        };
        return own.plus(COMING_UP).plus(REPORT);
    }

    static Optional<BuiltinTool> named(String name) {
        return Arrays.stream(values())
                .filter(tool -> tool.toolName.equals(name))
                .findFirst();
    }

    /**
     * What the model is told of it.
     *
     * @param reach hosts that commands may reach, in words
     * @param survives what becomes of files, in words
     */
    public String description(String reach, String survives) {
        return switch (this) {
            case SHELL ->
                "Runs a command with /bin/sh in an isolated sandbox, in /workspace. Network: " + reach + " " + survives
                        + " Processes that are left when the command ends are killed. Not interactive.";
            case PYTHON ->
                "Runs Python 3 code in the sandbox, in /workspace, as a program of its own: variables do not last from"
                        + " one call to the next, files do. Print what you want to see. Network: " + reach;
            case READ_FILE -> "Reads a text file of the sandbox, or a part of it in bytes.";
            case WRITE_FILE -> "Writes a file of the sandbox, replacing it whole; folders are made. " + survives;
            case EDIT_FILE ->
                "Replaces text in a file of the sandbox. 'old' must be in it exactly once, unless 'all' is true.";
            case LIST_FILES ->
                "Lists a folder of the sandbox (default /workspace), or the files that match a glob such as"
                        + " **/*.csv.";
            case SAVE_ARTIFACT ->
                "Keeps a file of the sandbox beyond the run, for people to fetch. At most 4 MiB each; 16 MiB and 32"
                        + " files in all. The same name again replaces it.";
        };
    }

    /** JSON Schema of its arguments. */
    public ObjectNode schema() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        switch (this) {
            case SHELL -> {
                text(properties, "command", 1, MAX_COMMAND, "The command line.");
                text(properties, "stdin", 0, MAX_TEXT, "What it reads from its standard input.");
                text(properties, "cwd", 1, MAX_PATH, "Folder to run in; default /workspace.");
                seconds(properties);
                schema.putArray("required").add("command");
            }
            case PYTHON -> {
                text(properties, "code", 1, MAX_TEXT, "The program.");
                seconds(properties);
                schema.putArray("required").add("code");
            }
            case READ_FILE -> {
                path(properties);
                properties
                        .putObject("offset")
                        .put("type", "integer")
                        .put("minimum", 0)
                        .put("description", "First byte; default 0.");
                properties
                        .putObject("limit")
                        .put("type", "integer")
                        .put("minimum", 1)
                        .put("maximum", FileCalls.MAX_READ)
                        .put("description", "Bytes at most; default " + FileCalls.MAX_READ + ".");
                schema.putArray("required").add("path");
            }
            case WRITE_FILE -> {
                path(properties);
                text(properties, "content", 0, MAX_TEXT, "The whole content.");
                schema.putArray("required").add("path").add("content");
            }
            case EDIT_FILE -> {
                path(properties);
                text(properties, "old", 1, MAX_TEXT, "Text that is there, exactly.");
                text(properties, "new", 0, MAX_TEXT, "Text in its place.");
                properties
                        .putObject("all")
                        .put("type", "boolean")
                        .put("description", "Replace every occurrence; default false.");
                schema.putArray("required").add("path").add("old").add("new");
            }
            case LIST_FILES -> {
                path(properties);
                text(properties, "glob", 1, MAX_PATH, "Pattern below /workspace, instead of a folder.");
            }
            case SAVE_ARTIFACT -> {
                path(properties);
                properties
                        .putObject("name")
                        .put("type", "string")
                        .put("pattern", Artifacts.NAME)
                        .put("maxLength", Artifacts.MAX_NAME)
                        .put("description", "Name to keep it under; default: the file's name.");
                schema.putArray("required").add("path");
            }
        }
        return schema.put("additionalProperties", false);
    }

    private static void path(ObjectNode properties) {
        text(properties, "path", 1, MAX_PATH, "Absolute, or relative to /workspace.");
    }

    private static void seconds(ObjectNode properties) {
        properties
                .putObject("timeoutSeconds")
                .put("type", "integer")
                .put("minimum", 1)
                .put("maximum", MAX_SECONDS)
                .put("description", "Seconds after which it is killed; default " + SECONDS + ".");
    }

    private static void text(ObjectNode properties, String name, int min, int max, String description) {
        ObjectNode text = properties.putObject(name).put("type", "string");
        if (min > 0) {
            text.put("minLength", min);
        }
        text.put("maxLength", max).put("description", description);
    }
}
