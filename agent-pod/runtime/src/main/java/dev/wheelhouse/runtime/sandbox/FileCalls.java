package dev.wheelhouse.runtime.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.runtime.outbound.WellFormed;
import dev.wheelhouse.sandbox.wire.FileOp;
import dev.wheelhouse.sandbox.wire.Frame;
import dev.wheelhouse.sandbox.wire.Frames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** File tools: from arguments to what the daemon does, and from its answer to words. */
final class FileCalls {
    /** Bytes of a file that the model sees at once. */
    static final int MAX_READ = 48 * 1024;

    private static final int MAX_ENTRIES = 500;
    private static final int MAX_PATH = 300;
    private static final int DEPTH = 2;

    private FileCalls() {}

    static FileOp op(BuiltinTool tool, JsonNode arguments) {
        String path = arguments.path("path").asText("/workspace");
        return switch (tool) {
            case READ_FILE ->
                new FileOp.Read(
                        path,
                        Math.max(0, arguments.path("offset").asLong(0)),
                        Math.clamp(arguments.path("limit").asInt(MAX_READ), 1, MAX_READ));
            case WRITE_FILE ->
                new FileOp.Write(path, bytes(arguments.path("content").asText()), -1);
            case EDIT_FILE ->
                new FileOp.Edit(
                        path,
                        WellFormed.text(arguments.path("old").asText()),
                        WellFormed.text(arguments.path("new").asText()),
                        arguments.path("all").asBoolean(false));
            case LIST_FILES ->
                arguments.hasNonNull("glob")
                        ? new FileOp.Glob(arguments.path("glob").asText())
                        : new FileOp.ListDir(path, DEPTH);
            case SHELL, PYTHON, SAVE_ARTIFACT -> throw new IllegalArgumentException(tool + " is no file operation");
        };
    }

    /** Whether it can be sent at once; the other operations are short enough by their schema. */
    static boolean fits(FileOp op) {
        return !(op instanceof FileOp.Edit(var _, var before, var after, var _))
                || bytes(before).length + bytes(after).length <= Frames.MAX_CONTENT;
    }

    static byte[] bytes(String text) {
        return WellFormed.text(text).getBytes(StandardCharsets.UTF_8);
    }

    static ToolResult result(BuiltinTool tool, FileOp op, Frame.FileDone done) {
        if (done.error() != null) {
            return new ToolResult.Failed(CommandText.cut(done.error(), 1000));
        }
        return switch (tool) {
            case READ_FILE -> read((FileOp.Read) op, done);
            case LIST_FILES -> listed(done);
            default -> new ToolResult.Succeeded("done");
        };
    }

    private static ToolResult read(FileOp.Read op, Frame.FileDone done) {
        byte[] content = done.content() == null ? new byte[0] : done.content();
        if (content.length > op.max()) {
            return new ToolResult.Failed("The sandbox answered with more than was asked for.");
        }
        for (byte b : content) {
            if (b == 0) {
                return new ToolResult.Failed("It is no text file (" + done.size()
                        + " bytes); look at it with shell or python, or keep it with save_artifact.");
            }
        }
        String text = new String(content, StandardCharsets.UTF_8);
        long end = op.offset() + content.length;
        if (end >= done.size() && op.offset() == 0) {
            return new ToolResult.Succeeded(text);
        }
        String marker = "\n[bytes " + op.offset() + " to " + end + " of " + done.size()
                + (end < done.size() ? "; go on with offset " + end : "") + "]";
        return new ToolResult.Succeeded(text + marker, end < done.size(), Spend.NONE);
    }

    private static ToolResult listed(Frame.FileDone done) {
        List<Frame.FileEntry> entries = done.entries() == null ? List.of() : done.entries();
        String lines = entries.stream()
                .limit(MAX_ENTRIES)
                .map(e -> e.directory()
                        ? CommandText.cut(e.path(), MAX_PATH) + "/"
                        : CommandText.cut(e.path(), MAX_PATH) + "  " + e.size())
                .collect(Collectors.joining("\n"));
        boolean more = done.more() || entries.size() > MAX_ENTRIES;
        String text = lines.isEmpty() ? "nothing there" : lines;
        return new ToolResult.Succeeded(
                more ? text + "\n[there are more; ask for a folder or a narrower glob]" : text, more, Spend.NONE);
    }
}
