package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;

/** Where an MCP server is, as the journal keeps it: names of things, never a secret value. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record McpBinding(String url, int timeoutSeconds, ToolServerSpec.AuthHeader auth) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEFAULT_TIMEOUT = 60;

    public static McpBinding of(ToolServerSpec.Mcp server, ToolServerSpec.AuthHeader auth) {
        return new McpBinding(
                server.url(), server.timeoutSeconds() == null ? DEFAULT_TIMEOUT : server.timeoutSeconds(), auth);
    }

    public JsonNode json() {
        return JSON.valueToTree(this);
    }

    static McpBinding of(JsonNode pinned) {
        try {
            return JSON.treeToValue(pinned, McpBinding.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the tool was pinned in a form that this runtime cannot read");
        }
    }
}
