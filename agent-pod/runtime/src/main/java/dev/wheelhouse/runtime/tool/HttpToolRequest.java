package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wheelhouse.core.effect.EffectClass;
import dev.wheelhouse.core.effect.ToolInvocation;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;

/** The request of an HTTP tool. */
final class HttpToolRequest {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final String IDEMPOTENCY_KEY = "idempotencyKey";

    private HttpToolRequest() {}

    static Request of(ToolInvocation call, HttpBinding binding, Credential credential) throws UrlTemplate.Unusable {
        UrlTemplate template = UrlTemplate.parse(binding.url());
        HttpUrl url = url(template, template.expand(call.arguments()::get));
        ObjectNode rest = without(call.arguments(), template.names());
        Request.Builder request = new Request.Builder();
        switch (binding.method()) {
            case GET -> request.url(withQuery(url, rest)).get();
            case DELETE -> request.url(withQuery(url, rest)).delete();
            case POST, PUT, PATCH ->
                request.url(url)
                        .method(
                                binding.method().name(),
                                RequestBody.create(rest.toString().getBytes(StandardCharsets.UTF_8), JSON));
        }
        if (call.tool().effect() != EffectClass.READ_ONLY) {
            request.header(binding.idempotencyHeader(), call.idempotencyKey());
        }
        return finished(request, credential);
    }

    /** Asks whether an earlier attempt of the call happened. */
    static Request lookup(ToolInvocation call, HttpBinding binding, Credential credential) throws UrlTemplate.Unusable {
        if (binding.lookupUrl() == null) {
            throw new UrlTemplate.Unusable("the ToolServer declares no lookupUrl");
        }
        UrlTemplate template = UrlTemplate.parse(binding.lookupUrl());
        String expanded = template.expand(name -> name.equals(IDEMPOTENCY_KEY)
                ? new TextNode(call.idempotencyKey())
                : call.arguments().get(name));
        return finished(new Request.Builder().url(url(template, expanded)).get(), credential);
    }

    private static Request finished(Request.Builder request, Credential credential) {
        request.header("Accept", "application/json, text/*;q=0.9, */*;q=0.5").header("User-Agent", "wheelhouse");
        credential.putInto(request::header);
        return request.build();
    }

    private static HttpUrl url(UrlTemplate template, String expanded) throws UrlTemplate.Unusable {
        HttpUrl url = HttpUrl.parse(expanded);
        HttpUrl fixed = HttpUrl.parse(template.origin());
        // The template cannot let a value through to here; if it ever does, nothing is sent.
        if (url == null
                || fixed == null
                || !url.scheme().equals(fixed.scheme())
                || !url.host().equals(fixed.host())
                || url.port() != fixed.port()) {
            throw new UrlTemplate.Unusable("the URL cannot be used with these arguments");
        }
        return url;
    }

    private static ObjectNode without(ObjectNode arguments, Set<String> names) {
        ObjectNode rest = arguments.deepCopy();
        rest.remove(names);
        return rest;
    }

    private static HttpUrl withQuery(HttpUrl url, ObjectNode arguments) {
        HttpUrl.Builder builder = url.newBuilder();
        for (Map.Entry<String, JsonNode> argument : arguments.properties()) {
            JsonNode value = argument.getValue();
            if (value.isArray()) {
                value.forEach(element -> add(builder, argument.getKey(), element));
            } else if (!value.isNull()) {
                add(builder, argument.getKey(), value);
            }
        }
        return builder.build();
    }

    private static void add(HttpUrl.Builder url, String name, JsonNode value) {
        url.addEncodedQueryParameter(
                UrlTemplate.encode(name),
                UrlTemplate.encode(value.isContainerNode() ? value.toString() : value.asText()));
    }
}
