package dev.wheelhouse.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Tools of a {@link ToolServer}. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.http) != has(self.mcp)",
        message = "set exactly one of spec.http (tools declared here) and spec.mcp (an MCP server)")
public record ToolServerSpec(
        @JsonPropertyDescription("Tools that are plain HTTP calls, declared here.")
        Http http,

        @JsonPropertyDescription("A server that speaks MCP over streamable HTTP.")
        Mcp mcp,

        @JsonPropertyDescription("Header that carries a credential from a Secret.")
        AuthHeader auth) {

    /** HTTP tools. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Http(
            @JsonPropertyDescription("The tools.") @Required @Size(min = 1, max = 64)
            List<HttpTool> tools) {}

    /** An MCP server and what of it may be used. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Mcp(
            @JsonPropertyDescription("URL of the MCP endpoint.")
            @Required
            @Size(min = 1, max = 2048)
            @Pattern(Names.URL)
            String url,

            @JsonPropertyDescription("The tools of the server that may be used; others stay invisible. A server's own"
                    + " hints about its tools are not trusted.")
            @Required
            @Size(min = 1, max = 128)
            List<McpTool> tools,

            @JsonPropertyDescription("Seconds until a call is given up.") @Min(1) @Max(600) @Default("60")
            Integer timeoutSeconds,

            @JsonPropertyDescription("Bytes of a result that are kept; the rest is cut with a visible marker.")
            @Min(1024)
            @Max(262144)
            @Default("65536")
            Integer maxResponseBytes) {}

    /** A tool of an MCP server. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record McpTool(
            @JsonPropertyDescription("Name of the tool on the server.")
            @Required
            @Size(min = 1, max = 64)
            @Pattern(Names.TOOL)
            String name,

            @JsonPropertyDescription("What a call does to the world.") @Default("atMostOnce")
            EffectClass effect,

            @JsonPropertyDescription("SHA-256 of the tool's canonical input schema as 'sha256:hex'. If set, a run"
                    + " refuses a server that offers anything else.")
            @Pattern(Names.SHA256)
            @Size(max = 71)
            String schemaDigest) {}

    /** A tool that is one HTTP call. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "self.effect != 'reconcilable' || has(self.lookupUrl)",
            message = "effect 'reconcilable' needs lookupUrl, a URL that tells whether the call with {idempotencyKey}"
                    + " happened (200: yes, 404: no)")
    public record HttpTool(
            @JsonPropertyDescription("Name under which the model calls it.")
            @Required
            @Size(min = 1, max = 64)
            @Pattern(Names.TOOL)
            String name,

            @JsonPropertyDescription("For the model: what the tool does and when to use it.")
            @Required
            @Size(min = 1, max = 4096)
            String description,

            @JsonPropertyDescription("HTTP method.") @Default("GET")
            Method method,

            @JsonPropertyDescription("URL. {name} is replaced by the argument of that name, percent-encoded. Scheme,"
                    + " host and port are fixed text. Arguments left over go to the query (GET, DELETE) or to"
                    + " a JSON body (POST, PUT, PATCH).")
            @Required
            @Size(min = 1, max = 2048)
            @Pattern(Names.URL_TEMPLATE)
            String url,

            @JsonPropertyDescription("JSON Schema (draft 2020-12) of the arguments, an object.") @PreserveUnknownFields
            JsonNode arguments,

            @JsonPropertyDescription("What a call does to the world.") @Default("atMostOnce")
            EffectClass effect,

            @JsonPropertyDescription("Header that carries the idempotency key, the same for each attempt of a call.")
            @Size(min = 1, max = 128)
            @Pattern(Names.HEADER)
            @Default("Idempotency-Key")
            String idempotencyHeader,

            @JsonPropertyDescription("For effect 'reconcilable': URL asked with GET after a crash; {idempotencyKey} is"
                    + " replaced. 200: the call happened and the body is its result. 404: it did not.")
            @Size(min = 1, max = 2048)
            @Pattern(Names.URL_TEMPLATE)
            String lookupUrl,

            @JsonPropertyDescription("Seconds until a call is given up.") @Min(1) @Max(600) @Default("30")
            Integer timeoutSeconds,

            @JsonPropertyDescription("Bytes of a response that are kept; the rest is cut with a visible marker.")
            @Min(1024)
            @Max(262144)
            @Default("65536")
            Integer maxResponseBytes) {}

    /** HTTP method of a tool. */
    public enum Method {
        GET,
        POST,
        PUT,
        PATCH,
        DELETE
    }

    /** A header whose value comes from a Secret. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AuthHeader(
            @JsonPropertyDescription("Name of the header.") @Required @Size(min = 1, max = 128) @Pattern(Names.HEADER)
            String header,

            @JsonPropertyDescription("Text before the secret value, such as 'Bearer '.") @Size(max = 64)
            String prefix,

            @JsonPropertyDescription("Secret key that holds the value.") @Required
            SecretKey secret) {}
}
