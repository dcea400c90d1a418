package dev.wheelhouse.runtime.tool;

import dev.wheelhouse.core.effect.ToolResult;
import dev.wheelhouse.core.money.Spend;
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
            case 2 -> succeeded(response);
            case 3 -> new ToolResult.Failed(redirect(response));
            default ->
                status == 502 || status == 503 || status == 504
                        ? new ToolResult.Unknown("HTTP " + status + ": a gateway got no answer from the tool")
                        : failed(response);
        };
    }

    /** 200 and its body: it happened. 404 and 410: it did not. Anything else tells nothing. */
    Optional<ToolResult> ofLookup(Response response) throws IOException {
        return switch (response.code()) {
            case 200 -> Optional.of(succeeded(response));
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

    private ToolResult succeeded(Response response) throws IOException {
        CappedText content = content(response);
        return new ToolResult.Succeeded(content.text(), content.cut(), Spend.NONE);
    }

    private ToolResult failed(Response response) throws IOException {
        CappedText content = content(response);
        return new ToolResult.Failed("HTTP " + response.code() + ": " + content.text(), content.cut(), Spend.NONE);
    }

    private CappedText content(Response response) throws IOException {
        ResponseBody body = response.body();
        if (body == null) {
            return new CappedText("", false);
        }
        MediaType type = body.contentType();
        if (type != null && !isText(type)) {
            return CappedText.read(body.byteStream(), StandardCharsets.ISO_8859_1, 0)
                    .with(marker -> "[" + type.type() + "/" + type.subtype() + "]" + marker);
        }
        return CappedText.read(body.byteStream(), charset(type), maxBytes).with(credential::mask);
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
