package dev.wheelhouse.e2e;

/** YAML that many tests need; what a test is about stands in the test. */
final class Manifest {
    /** Calls the tool {@code once} with the run's input, and is done; slow enough to be disturbed. */
    static final String ONE_ACTION = """
            - when: {step: 1}
              then: {delayMillis: 400, calls: [{tool: once, arguments: {what: '{{input}}'}}]}
            - then: {delayMillis: 400, text: done}
            """;

    private Manifest() {}

    /** One object of ours from its spec as YAML, in block or flow style. */
    static String of(String kind, String name, String spec) {
        return """
            apiVersion: wheelhouse.dev/v1alpha1
            kind: %s
            metadata:
              name: %s
            spec:
            """.formatted(kind, name) + spec.stripTrailing().indent(2);
    }

    /** Spec of a Model that speaks by these rules; one dollar per million tokens in, two out. */
    static String scripted(String rules) {
        return """
            provider: scripted
            prices: {input: 1000000, output: 2000000}
            script:
            """ + rules;
    }

    /** Spec of an Agent with all tools of the ToolServer {@code world}; more fields may follow. */
    static String agent(String model) {
        return """
            model: %s
            instructions: Do as you are told.
            tools:
            - {server: world, name: look}
            - {server: world, name: put}
            - {server: world, name: check}
            - {server: world, name: once}
            """.formatted(model);
    }

    /**
     * Spec of a ToolServer with one tool of each effect class: look (readOnly), put (idempotent), check (reconcilable),
     * once (atMostOnce). The argument {@code what} names the path under {@code /act/} that is called.
     */
    static String world(CountingServer server) {
        var yaml = new StringBuilder("http:\n  tools:\n");
        yaml.append(tool(server, "look", "GET", "readOnly", ""));
        yaml.append(tool(server, "put", "POST", "idempotent", ""));
        yaml.append(
                tool(server, "check", "POST", "reconcilable", "lookupUrl: " + server.url("/lookup/{idempotencyKey}")));
        yaml.append(tool(server, "once", "POST", "atMostOnce", ""));
        return yaml.toString();
    }

    private static String tool(CountingServer server, String name, String method, String effect, String more) {
        return """
              - name: %s
                description: Acts on the world.
                method: %s
                url: %s
                effect: %s
                timeoutSeconds: 300
                arguments:
                  type: object
                  properties: {what: {type: string}, n: {type: integer}}
                  required: [what]
                  additionalProperties: false
            """.formatted(name, method, server.url("/act/{what}"), effect).indent(2)
                + (more.isEmpty() ? "" : more.indent(6));
    }
}
