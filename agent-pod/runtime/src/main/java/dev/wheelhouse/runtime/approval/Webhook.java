package dev.wheelhouse.runtime.approval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalRequest;
import dev.wheelhouse.api.v1alpha1.TenantApprovals.Format;
import dev.wheelhouse.api.v1alpha1.TenantApprovals.Notify;
import dev.wheelhouse.core.journal.Json;
import dev.wheelhouse.runtime.outbound.Addresses;
import dev.wheelhouse.runtime.outbound.Http;
import dev.wheelhouse.runtime.outbound.SecretFiles;
import dev.wheelhouse.runtime.outbound.SecretUnavailable;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Tells a Tenant's webhook that something waits for people. */
final class Webhook {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String PREFIX = "whsec_";
    private static final String TYPE = "dev.wheelhouse.approval.pending";

    private final SecretFiles secrets;
    private final Http http;

    Webhook(SecretFiles secrets, Http http) {
        this.secrets = secrets;
        this.http = http;
    }

    /**
     * Posts once.
     *
     * @return null if it was taken, else why not; safe to show
     */
    String post(Notify to, Approval approval, Instant now) {
        try {
            HttpUrl url = HttpUrl.parse(to.url());
            boolean inside = Boolean.TRUE.equals(to.allowPrivate());
            if (url == null || (!url.isHttps() && !inside)) {
                return "notify.url is not an https:// URL";
            }
            if (!inside && isPrivateLiteral(url.host())) {
                return "notify.url names an address that is not public";
            }
            try (Response response =
                    client(inside).newCall(request(to, url, approval, now)).execute()) {
                return response.isSuccessful() ? null : "the receiver answered " + response.code();
            }
        } catch (SecretUnavailable e) {
            return e.getMessage();
        } catch (IOException e) {
            return "no answer: " + e.getClass().getSimpleName() + ", " + e.getMessage();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return "the signing key is not '" + PREFIX + "' and base64";
        }
    }

    private OkHttpClient client(boolean inside) {
        OkHttpClient.Builder builder = http.get().newBuilder().callTimeout(TIMEOUT);
        if (!inside) {
            PublicAddresses only = new PublicAddresses();
            builder.dns(only).addNetworkInterceptor(only).proxy(java.net.Proxy.NO_PROXY);
        }
        return builder.build();
    }

    private static boolean isPrivateLiteral(String host) {
        try {
            return !Addresses.isPublic(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private Request request(Notify to, HttpUrl url, Approval approval, Instant now)
            throws SecretUnavailable, GeneralSecurityException {
        boolean slack = to.format() == Format.Slack;
        boolean arguments = Boolean.TRUE.equals(to.includeArguments());
        String body = Json.write(slack ? slack(approval, arguments) : event(approval, arguments, now));
        String id = approval.getMetadata().getUid();
        Request.Builder request = new Request.Builder()
                .url(url)
                .header("webhook-id", id)
                .header("webhook-timestamp", String.valueOf(now.getEpochSecond()))
                .post(RequestBody.create(
                        body.getBytes(StandardCharsets.UTF_8),
                        MediaType.get(slack ? "application/json" : "application/cloudevents+json")));
        if (to.secretRef() != null) {
            String key = secrets.read(to.secretRef()).reveal();
            request.header("webhook-signature", sign(key, id + "." + now.getEpochSecond() + "." + body));
        }
        return request.build();
    }

    static String sign(String key, String content) throws GeneralSecurityException {
        if (!key.startsWith(PREFIX)) {
            throw new IllegalArgumentException("no Standard Webhooks key");
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(key.substring(PREFIX.length())), "HmacSHA256"));
        return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
    }

    private static ObjectNode event(Approval approval, boolean arguments, Instant now) {
        ApprovalRequest asked = approval.getSpec().request();
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("specversion", "1.0").put("type", TYPE);
        event.put("id", approval.getMetadata().getUid());
        event.put("source", "/namespaces/" + approval.getMetadata().getNamespace() + "/approvals");
        event.put("subject", approval.getMetadata().getName());
        event.put("time", now.toString()).put("datacontenttype", "application/json");
        ObjectNode data = event.putObject("data");
        data.put("namespace", approval.getMetadata().getNamespace());
        data.put("approval", approval.getMetadata().getName());
        data.put("run", asked.run().name()).put("agent", asked.agent());
        data.put("kind", asked.kind().name());
        data.put("tool", asked.tool().name()).put("risk", asked.risk().name());
        data.put("requester", asked.requester()).put("expiresAt", asked.expiresAt());
        data.put("payloadHash", asked.payloadHash());
        if (arguments) {
            data.put("summary", asked.summary()).put("arguments", asked.arguments());
        }
        return event;
    }

    private static ObjectNode slack(Approval approval, boolean arguments) {
        ApprovalRequest asked = approval.getSpec().request();
        String what = switch (asked.kind()) {
            case ToolCall -> "wants to call " + asked.tool().name();
            case InDoubt -> "does not know whether " + asked.tool().name() + " happened";
            case Question -> "asks a question";
        };
        String text = "Run " + asked.run().name() + " in namespace "
                + approval.getMetadata().getNamespace() + " " + what + " and waits for a person until "
                + asked.expiresAt() + ". Look: kubectl describe approval "
                + approval.getMetadata().getName() + " -n "
                + approval.getMetadata().getNamespace()
                + (arguments ? "\n" + asked.summary() + "\n" + asked.arguments() : "");
        // What Slack would take for mentions and links.
        String harmless = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return JsonNodeFactory.instance.objectNode().put("text", harmless);
    }
}
