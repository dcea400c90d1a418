package dev.wheelhouse.runtime.tool;

import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.runtime.outbound.CappedText;
import dev.wheelhouse.runtime.outbound.WellFormed;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import okhttp3.MediaType;
import okhttp3.Response;
import okhttp3.ResponseBody;

/** What an HTTP answer means for the call. */
record Answers(Credential credential, int maxBytes) {
    private static final int MAX_LOCATION = 200;
    private static final Set<String> TEXT_APPLICATIONS =
            Set.of("json", "xml", "yaml", "x-yaml", "javascript", "x-www-form-urlencoded", "x-ndjson", "graphql");

    /**
     * An answer is a definite outcome, whatever its status. The exceptions are the answers of a gateway that speaks for
     * a server it could not hear: the server may have acted.
     */
    ToolResult ofCall(Response response) throws IOException {
        int status = response.code();
        return switch (status / 100) {
            case 2 -> new ToolResult.Succeeded(content(response));
            case 3 -> new ToolResult.Failed(redirect(response));
            default ->
                status == 502 || status == 503 || status == 504
                        ? new ToolResult.Unknown("HTTP " + status + ": a gateway got no answer from the tool")
                        : new ToolResult.Failed("HTTP " + status + ": " + content(response));
        };
    }

    /** 200 and its body: it happened. 404 and 410: it did not. Anything else tells nothing. */
    Optional<ToolResult> ofLookup(Response response) throws IOException {
        return switch (response.code()) {
            case 200 -> Optional.of(new ToolResult.Succeeded(content(response)));
            case 404, 410 -> Optional.empty();
            default -> Optional.of(new ToolResult.Unknown("the lookup was answered with HTTP " + response.code()));
        };
    }

    private String redirect(Response response) {
        String location = WellFormed.text(response.header("Location", "nowhere"));
        return "HTTP " + response.code() + ": the tool redirects to "
                + credential.mask(location.length() > MAX_LOCATION ? location.substring(0, MAX_LOCATION) : location)
                + ", which is not followed; the ToolServer must name the final URL";
    }

    private String content(Response response) throws IOException {
        ResponseBody body = response.body();
        MediaType type = body == null ? null : body.contentType();
        if (body == null) {
            return "";
        }
        if (type != null && !isText(type)) {
            return "[" + type.type() + "/" + type.subtype() + "]"
                    + CappedText.read(body.byteStream(), StandardCharsets.ISO_8859_1, 0);
        }
        return credential.mask(CappedText.read(body.byteStream(), charset(type), maxBytes));
    }

    private static boolean isText(MediaType type) {
        return type.type().equals("text")
                || (type.type().equals("application")
                        && (TEXT_APPLICATIONS.contains(type.subtype())
                                || type.subtype().endsWith("+json")
                                || type.subtype().endsWith("+xml")));
    }

    private static Charset charset(MediaType type) {
        Charset named = type == null ? null : type.charset(null);
        return named == null ? StandardCharsets.UTF_8 : named;
    }
}
