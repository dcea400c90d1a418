package dev.wheelhouse.runtime.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.wheelhouse.api.v1alpha1.ScriptRule;
import dev.wheelhouse.core.harness.Message;
import dev.wheelhouse.core.harness.ModelException;
import dev.wheelhouse.core.harness.ModelPort;
import dev.wheelhouse.core.harness.ModelReply;
import dev.wheelhouse.core.harness.ModelRequest;
import dev.wheelhouse.core.harness.ToolCall;
import dev.wheelhouse.core.money.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Answers from a script in the Model. Deterministic and without state: the same request gets the same answer in any
 * process, before and after a crash.
 */
final class ScriptedModel implements ModelPort {
    private static final int CHARS_PER_TOKEN = 4;

    @Override
    public ModelReply call(ModelRequest request, TextSink sink) throws ModelException, InterruptedException {
        Conversation talk = Conversation.of(request.messages(), request.earlier());
        ScriptRule.Then then = ruleFor(request, talk).then();
        pause(then, request.model().timeout());
        failIfAsked(then.fail(), request.attempt());
        String text = then.text() == null ? "" : talk.fill(then.text());
        stream(text, then.chunks() == null ? 1 : then.chunks(), sink);
        List<ToolCall> calls = calls(then, request.step(), talk);
        return new ModelReply(text, calls, usage(then, request, text, calls), null);
    }

    private static ScriptRule ruleFor(ModelRequest request, Conversation talk) throws ModelException {
        for (ScriptRule rule : ModelBinding.of(request.model()).script()) {
            if (matches(rule.when(), request.step(), talk)) {
                return rule;
            }
        }
        throw new ModelException(
                ModelException.Kind.REJECTED,
                "no rule in spec.script of Model '" + request.model().name() + "' matches step " + request.step()
                        + "; add a last rule without 'when'",
                null);
    }

    private static boolean matches(ScriptRule.When when, int step, Conversation talk) throws ModelException {
        return when == null
                || ((when.step() == null || when.step() == step)
                        && (when.afterTool() == null || when.afterTool().equals(talk.lastTool()))
                        && found(when.lastMessage(), talk.lastMessage())
                        && found(when.input(), talk.input()));
    }

    private static boolean found(String regex, String text) throws ModelException {
        try {
            return regex == null || Pattern.compile(regex).matcher(text).find();
        } catch (PatternSyntaxException e) {
            throw new ModelException(
                    ModelException.Kind.REJECTED,
                    "the script has a regular expression that RE2 does not know: " + regex + " (" + e.getDescription()
                            + ")",
                    null);
        }
    }

    private static void pause(ScriptRule.Then then, Duration timeout) throws ModelException, InterruptedException {
        if (then.delayMillis() == null) {
            return;
        }
        Duration delay = Duration.ofMillis(then.delayMillis());
        if (delay.compareTo(timeout) > 0) {
            Thread.sleep(timeout);
            throw ProviderErrors.timeout(timeout);
        }
        Thread.sleep(delay);
    }

    private static void failIfAsked(ScriptRule.Fail fail, int attempt) throws ModelException {
        if (fail == null || (fail.times() != null && attempt > fail.times())) {
            return;
        }
        Duration retryAfter = fail.retryAfterSeconds() == null ? null : Duration.ofSeconds(fail.retryAfterSeconds());
        ModelException.Kind kind =
                fail.status() == 0 ? ModelException.Kind.TIMEOUT : ProviderErrors.kindOf(fail.status());
        throw new ModelException(kind, "the script answers with HTTP status " + fail.status(), retryAfter);
    }

    private static void stream(String text, int chunks, TextSink sink) {
        int length = Math.max(1, Math.ceilDiv(text.length(), chunks));
        for (int from = 0; from < text.length(); from += length) {
            sink.text(text.substring(from, Math.min(text.length(), from + length)));
        }
    }

    private static List<ToolCall> calls(ScriptRule.Then then, int step, Conversation talk) {
        List<ToolCall> calls = new ArrayList<>();
        for (ScriptRule.Call call : then.calls() == null ? List.<ScriptRule.Call>of() : then.calls()) {
            String arguments = call.rawArguments() != null
                    ? call.rawArguments()
                    : call.arguments() == null
                            ? "{}"
                            : talk.fill(call.arguments()).toString();
            calls.add(new ToolCall("call-" + step + "-" + (calls.size() + 1), call.tool(), arguments));
        }
        return calls;
    }

    private static TokenUsage usage(ScriptRule.Then then, ModelRequest request, String text, List<ToolCall> calls) {
        if (then.tokens() != null) {
            return new TokenUsage(then.tokens().input(), 0, then.tokens().output());
        }
        long in = request.instructions() == null ? 0 : request.instructions().length();
        for (Message message : request.messages()) {
            in += Conversation.textOf(message).length();
        }
        long out = text.length()
                + calls.stream().mapToLong(c -> c.arguments().length()).sum();
        return new TokenUsage(Math.ceilDiv(in, CHARS_PER_TOKEN), 0, Math.ceilDiv(out, CHARS_PER_TOKEN));
    }

    /** What rules look at. */
    private record Conversation(String history, String input, String lastMessage, String lastTool) {
        /** @param earlier messages of earlier runs of the thread */
        static Conversation of(List<Message> messages, int earlier) {
            String history =
                    messages.stream().limit(earlier).map(Conversation::textOf).collect(Collectors.joining("\n"));
            String input = messages.stream()
                    .skip(earlier)
                    .filter(Message.User.class::isInstance)
                    .map(Conversation::textOf)
                    .findFirst()
                    .orElse("");
            Message last = messages.isEmpty() ? new Message.User("") : messages.getLast();
            return new Conversation(
                    history, input, textOf(last), last instanceof Message.ToolOutput output ? output.tool() : null);
        }

        static String textOf(Message message) {
            return switch (message) {
                case Message.User user -> user.text();
                case Message.Assistant assistant -> assistant.text() == null ? "" : assistant.text();
                case Message.ToolOutput output -> output.content();
            };
        }

        /** One pass over the template: what is put in is not a template itself. */
        String fill(String template) {
            StringBuilder filled = new StringBuilder();
            int from = 0;
            for (int at; (at = template.indexOf("{{", from)) >= 0; ) {
                filled.append(template, from, at);
                if (template.startsWith("{{input}}", at)) {
                    filled.append(input);
                    from = at + "{{input}}".length();
                } else if (template.startsWith("{{lastMessage}}", at)) {
                    filled.append(lastMessage);
                    from = at + "{{lastMessage}}".length();
                } else if (template.startsWith("{{history}}", at)) {
                    filled.append(history);
                    from = at + "{{history}}".length();
                } else {
                    filled.append("{{");
                    from = at + 2;
                }
            }
            return filled.append(template, from, template.length()).toString();
        }

        JsonNode fill(JsonNode node) {
            if (node.isTextual()) {
                return JsonNodeFactory.instance.textNode(fill(node.textValue()));
            }
            if (node.isArray()) {
                ArrayNode filled = JsonNodeFactory.instance.arrayNode();
                node.forEach(element -> filled.add(fill(element)));
                return filled;
            }
            if (node.isObject()) {
                ObjectNode filled = JsonNodeFactory.instance.objectNode();
                node.properties().forEach(field -> filled.set(field.getKey(), fill(field.getValue())));
                return filled;
            }
            return node;
        }
    }
}
