package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wheelhouse.api.v1alpha1.ToolServerSpec;

/** What a call of an HTTP tool needs and the journal keeps: names of things, never a secret value. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HttpBinding(
        ToolServerSpec.Method method,
        String url,
        String idempotencyHeader,
        String lookupUrl,
        ToolServerSpec.AuthHeader auth) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The binding of a declared tool, as it is pinned. */
    public static JsonNode of(ToolServerSpec.HttpTool tool, ToolServerSpec.AuthHeader auth) {
        ToolServerSpec.Method method = tool.method() == null ? ToolServerSpec.Method.GET : tool.method();
        String header = tool.idempotencyHeader() == null ? "Idempotency-Key" : tool.idempotencyHeader();
        return JSON.valueToTree(new HttpBinding(method, tool.url(), header, tool.lookupUrl(), auth));
    }

    static HttpBinding of(JsonNode pinned) {
        try {
            return JSON.treeToValue(pinned, HttpBinding.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the tool was pinned in a form that this runtime cannot read");
        }
    }
}
