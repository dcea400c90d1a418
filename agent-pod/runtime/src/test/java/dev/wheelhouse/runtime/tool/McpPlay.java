package dev.wheelhouse.runtime.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import dev.wheelhouse.runtime.outbound.FakeServer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An MCP server over streamable HTTP, small enough to misbehave on demand. */
public final class McpPlay implements FakeServer.Script {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Answers a {@code tools/call}. */
    @FunctionalInterface
    public interface Tool {
        void call(HttpExchange exchange, JsonNode request) throws Exception;
    }

    /** Messages that came in, in order. */
    public final List<JsonNode> messages = new CopyOnWriteArrayList<>();

    private volatile String tools = "[]";
    private volatile String session = "s-1";
    private volatile Tool tool = (exchange, request) -> text(exchange, request, "called");

    /** @param list the tools as JSON, in single quotes */
    public McpPlay tools(String list) {
        tools = list.replace('\'', '"');
        return this;
    }

    public McpPlay on(Tool next) {
        tool = next;
        return this;
    }

    /** As a restart of the server would: the sessions of before are unknown. */
    public void forgetSessions() {
        session = "s-" + System.nanoTime();
    }

    public long calls() {
        return messages.stream()
                .filter(m -> m.path("method").asText().equals("tools/call"))
                .count();
    }

    @Override
    public void answer(HttpExchange exchange, FakeServer.Request request) throws Exception {
        if (!request.method().equals("POST")) {
            exchange.sendResponseHeaders(405, -1);
            return;
        }
        JsonNode message = JSON.readTree(request.body());
        String method = message.path("method").asText();
        String given = request.header("Mcp-Session-Id");
        if (!method.equals("initialize") && !session.equals(given)) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        messages.add(message);
        switch (method) {
            case "initialize" -> {
                exchange.getResponseHeaders().set("Mcp-Session-Id", session);
                result(
                        exchange,
                        message,
                        "{'protocolVersion':'"
                                + message.at("/params/protocolVersion").asText()
                                + "','capabilities':{'tools':{}},'serverInfo':{'name':'play','version':'1'}}");
            }
            case "ping" -> result(exchange, message, "{}");
            case "tools/list" -> result(exchange, message, "{'tools':" + tools + "}");
            case "tools/call" -> tool.call(exchange, message);
            default -> exchange.sendResponseHeaders(202, -1);
        }
    }

    public static void text(HttpExchange exchange, JsonNode request, String text) throws Exception {
        ObjectNode result = JSON.createObjectNode();
        result.putArray("content").addObject().put("type", "text").put("text", text);
        result(exchange, request, result.toString());
    }

    /** @param result JSON, single quotes allowed */
    public static void result(HttpExchange exchange, JsonNode request, String result) throws Exception {
        ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
        answer.set("id", request.get("id"));
        answer.set("result", JSON.readTree(result.replace('\'', '"')));
        FakeServer.respond(exchange, 200, "application/json", answer.toString());
    }

    public static void error(HttpExchange exchange, JsonNode request, int code, String message) throws Exception {
        ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
        answer.set("id", request.get("id"));
        answer.putObject("error").put("code", code).put("message", message);
        FakeServer.respond(exchange, 200, "application/json", answer.toString());
    }
}
