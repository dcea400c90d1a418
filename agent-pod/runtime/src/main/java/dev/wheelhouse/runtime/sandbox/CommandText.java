package dev.wheelhouse.runtime.sandbox;

import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.money.Spend;
import dev.wheelhouse.runtime.outbound.WellFormed;
import dev.wheelhouse.sandbox.wire.Frame;
import java.nio.charset.StandardCharsets;

/** The end of a command in words for the model. */
final class CommandText {
    private static final int MAX_PATH = 300;
    private static final int MAX_ERROR = 500;
    private static final int MAX_SIGNAL = 32;

    private CommandText() {}

    /** A command that did not end with 0 failed; the model sees its output either way. */
    static ToolResult of(Frame.Exited exited, byte[] stdout, byte[] stderr) {
        if (exited.error() != null) {
            return new ToolResult.Failed("The command did not run: " + cut(exited.error(), MAX_ERROR));
        }
        StringBuilder text = new StringBuilder(end(exited)).append('\n');
        boolean both = stdout.length > 0 && stderr.length > 0;
        section(text, both ? "stdout:\n" : "", stdout, exited.stdoutBytes(), exited.stdoutFile());
        section(text, stderr.length > 0 ? "stderr:\n" : "", stderr, exited.stderrBytes(), exited.stderrFile());
        boolean cut = exited.stdoutBytes() > stdout.length || exited.stderrBytes() > stderr.length;
        boolean well = exited.code() == 0 && !exited.timedOut() && !exited.cancelled() && exited.signal() == null;
        return well
                ? new ToolResult.Succeeded(text.toString(), cut, Spend.NONE)
                : new ToolResult.Failed(text.toString(), cut, Spend.NONE);
    }

    private static String end(Frame.Exited exited) {
        String after = " after " + Math.max(0, exited.millis()) + " ms";
        if (exited.timedOut()) {
            String signal = exited.signal() == null ? "" : " by " + cut(exited.signal(), MAX_SIGNAL);
            return "timed out" + after + "; everything it had started was killed" + signal;
        }
        if (exited.cancelled()) {
            return "cancelled" + after;
        }
        if (exited.signal() != null) {
            String signal = cut(exited.signal(), MAX_SIGNAL);
            return "killed by " + signal + after
                    + (signal.equals("SIGKILL") ? " (perhaps it used more memory than the sandbox has)" : "");
        }
        return "exit code " + exited.code() + after;
    }

    private static void section(StringBuilder text, String title, byte[] kept, long all, String file) {
        if (kept.length == 0 && all <= 0) {
            return;
        }
        text.append(title).append(decode(kept, all > kept.length));
        if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
            text.append('\n');
        }
        if (all > kept.length) {
            // The daemon keeps beginning and end, and marks the gap itself.
            text.append("[cut: ")
                    .append(all)
                    .append(" bytes in all")
                    .append(file == null ? "" : "; the whole is in " + cut(file, MAX_PATH))
                    .append("]\n");
        }
    }

    /** A cut may have split the last character. */
    private static String decode(byte[] bytes, boolean cut) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return cut && text.endsWith("\uFFFD") ? text.substring(0, text.length() - 1) : text;
    }

    static String cut(String text, int max) {
        String whole = WellFormed.text(text);
        return whole.length() <= max ? whole : WellFormed.text(whole.substring(0, max - 1)) + "…";
    }
}
