package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.List;
import java.util.stream.Collectors;

/** A tool's result as text for the model: text as it is, anything else described. */
final class McpContent {
    private static final ObjectMapper JSON = new ObjectMapper();

    private McpContent() {}

    static String text(McpSchema.CallToolResult result) {
        List<McpSchema.Content> content = result.content() == null ? List.of() : result.content();
        if (content.isEmpty() && result.structuredContent() != null) {
            return JSON.valueToTree(result.structuredContent()).toString();
        }
        return content.stream().map(McpContent::part).collect(Collectors.joining("\n"));
    }

    private static String part(McpSchema.Content content) {
        return switch (content) {
            case McpSchema.TextContent text -> String.valueOf(text.text());
            case McpSchema.ImageContent image -> described("image", image.mimeType(), image.data());
            case McpSchema.AudioContent audio -> described("audio", audio.mimeType(), audio.data());
            case McpSchema.ResourceLink link -> "[resource " + link.uri() + "]";
            case McpSchema.EmbeddedResource embedded -> resource(embedded.resource());
            default -> "[content of type " + content.type() + "]";
        };
    }

    private static String resource(McpSchema.ResourceContents resource) {
        return switch (resource) {
            case McpSchema.TextResourceContents text -> String.valueOf(text.text());
            case McpSchema.BlobResourceContents blob ->
                described("resource " + blob.uri(), blob.mimeType(), blob.blob());
            default -> "[a resource of unknown form]";
        };
    }

    private static String described(String what, String type, String base64) {
        int bytes = base64 == null ? 0 : base64.length() / 4 * 3;
        return "[" + what + ", " + type + ", about " + bytes + " bytes]";
    }

    /** The error that the server answered with. */
    static String error(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof McpError error && error.getJsonRpcError() != null) {
                return "error " + error.getJsonRpcError().code() + ": "
                        + error.getJsonRpcError().message();
            }
            if (cause.getCause() == cause) {
                break;
            }
        }
        return "an error";
    }
}
