package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong is refused at once, with a message that names the field and says what would be right. */
class AdmissionE2E {
    private static final String AGENT = "model: m, instructions: hi";
    private static final String OPENAI = "provider: openai, model: gpt";
    private static final String HTTP_TOOL = "name: t, description: d, url: 'https://example.org/x'";
    private static final String RUN = "agent: a, input: hi";
    private static final String TEMPLATE = "runTemplate: {spec: {agent: a, input: hi}}";
    private static final String DAILY = "schedule: '0 8 * * *', " + TEMPLATE;

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("admission");
    }

    @ParameterizedTest
    @MethodSource({"agents", "models", "toolServers", "tenants", "runs", "schedules"})
    void invalid_manifest_is_refused_with_a_message_that_names_field_and_fix(String manifest, String[] fragments) {
        var result =
                Kubectl.run(manifest, "-n", space.name(), "create", "--dry-run=server", "--validate=strict", "-f", "-");
        assertFalse(result.ok(), () -> "accepted:\n" + manifest);
        for (String fragment : fragments) {
            assertTrue(
                    result.err().contains(fragment),
                    () -> "the message should say '" + fragment + "' but is:\n" + result.err());
        }
    }

    /** Manifests next to the invalid ones that must pass: a refusal above is then for the reason it gives. */
    static final List<String> VALID = List.of(
            manifest("Agent", AGENT),
            manifest(
                    "Agent",
                    AGENT + ", limits: {steps: 3, costMicros: 1000}, tools: [{server: s, name: t, bound: {a: 1}}]"),
            manifest("Model", OPENAI + ", secret: {name: s, key: k}, endpoint: 'https://llm.example.org/v1'"),
            manifest("Model", "provider: scripted, script: [{then: {text: hi}}]"),
            manifest("ToolServer", "http: {tools: [{" + HTTP_TOOL + "}]}"),
            manifest("ToolServer", "mcp: {url: 'https://mcp.example.org/mcp', tools: [{name: t, effect: readOnly}]}"),
            manifest("Run", RUN),
            manifest("Run", "r".repeat(52), RUN + ", isolation: Run, limits: {depth: 0}"),
            manifest("Schedule", "schedule: '30 8 * * mon-fri', " + TEMPLATE),
            manifest("Schedule", "s".repeat(42), "schedules: ['@daily', '0 12 1,15 */2 ?'], " + TEMPLATE),
            manifest("Schedule", "schedule: '@hourly', timeZone: Australia/Lord_Howe, thread: New, " + TEMPLATE),
            manifest("Tenant", "default", "maxConcurrentRuns: 1"));

    @ParameterizedTest
    @FieldSource("VALID")
    void valid_manifest_is_accepted(String manifest) {
        Kubectl.run(manifest, "-n", space.name(), "create", "--dry-run=server", "--validate=strict", "-f", "-")
                .orThrow();
    }

    static Stream<Arguments> agents() {
        var cases = new Cases("Agent");
        cases.add("instructions: hi", "spec.model: Required value");
        cases.add("model: m", "set exactly one of spec.instructions");
        cases.add(AGENT + ", instructionsFrom: {name: c, key: k}", "set exactly one of spec.instructions");
        cases.add(AGENT + ", instruction: hi", "unknown field \"spec.instruction\"");
        cases.add("model: '', instructions: hi", "spec.model", "should be at least 1 chars long");
        cases.add("model: Big_Model, instructions: hi", "spec.model", "a reference carries no namespace");
        cases.add("model: other-team/m, instructions: hi", "spec.model", "a reference carries no namespace");
        cases.add("model: m, instructions: ''", "spec.instructions", "should be at least 1 chars long");
        cases.add("model: m, instructionsFrom: {name: c}", "spec.instructionsFrom.key: Required value");
        cases.add("model: m, instructionsFrom: {name: c, key: a/b}", "spec.instructionsFrom.key", "must be");
        cases.add(AGENT + ", tools: [{server: s}]", "spec.tools[0].name: Required value");
        cases.add(AGENT + ", tools: [{server: s, name: t, namespace: x}]", "unknown field \"spec.tools[0].namespace\"");
        cases.add(
                AGENT + ", tools: [{server: s, name: t, effect: sometimes}]", "spec.tools[0].effect", "\"atMostOnce\"");
        cases.add(AGENT + ", tools: [{server: s, name: 'place order'}]", "spec.tools[0].name", "must be");
        cases.add(AGENT + ", tools: [{server: s, name: t, bound: 5}]", "spec.tools[0].bound", "must be of type object");
        cases.add(AGENT + ", limits: {steps: 0}", "spec.limits.steps", "greater than or equal to 1");
        cases.add(AGENT + ", limits: {steps: 10001}", "spec.limits.steps", "less than or equal to 10000");
        cases.add(AGENT + ", limits: {identicalCalls: 1}", "spec.limits.identicalCalls", "greater than or equal to 2");
        cases.add(AGENT + ", limits: {depth: 11}", "spec.limits.depth", "less than or equal to 10");
        cases.add(AGENT + ", limits: {cost: 3}", "unknown field \"spec.limits.cost\"");
        cases.add(AGENT + ", fallbackModels: [a, b, c, d, e]", "spec.fallbackModels", "must have at most 4 items");
        cases.add(AGENT + ", delegates: [{description: d}]", "spec.delegates[0].agent: Required value");
        cases.add(AGENT + ", maxOutputTokens: many", "spec.maxOutputTokens", "must be of type integer");
        cases.add(AGENT + ", outputSchema: text", "spec.outputSchema", "must be of type object");
        return cases.stream();
    }

    static Stream<Arguments> models() {
        var cases = new Cases("Model");
        cases.add("model: gpt", "spec.provider: Required value");
        cases.add("provider: gemini, model: g", "spec.provider", "supported values", "\"openai\"");
        cases.add("provider: scripted", "spec.script belongs to provider 'scripted', which needs it");
        cases.add("provider: scripted, script: []", "spec.script", "should have at least 1 items");
        cases.add("provider: scripted, script: [{}]", "spec.script[0].then: Required value");
        cases.add(
                "provider: scripted, script: [{then: {text: hi}}], secret: {name: s, key: k}",
                "spec.secret is not used by provider 'scripted'; remove it");
        cases.add("provider: scripted, script: [{then: {fail: {status: 600}}}]", "fail.status", "less than or equal");
        cases.add("provider: scripted, script: [{then: {calls: [{arguments: {}}]}}]", "calls[0].tool: Required value");
        cases.add("provider: openai", "spec.model is missing");
        cases.add(OPENAI + ", script: [{then: {text: hi}}]", "remove it or change spec.provider");
        cases.add(OPENAI + ", secret: {name: s}", "spec.secret.key: Required value");
        cases.add(OPENAI + ", secret: {name: s, key: k, namespace: x}", "unknown field \"spec.secret.namespace\"");
        cases.add(OPENAI + ", apiKey: sk-123", "unknown field \"spec.apiKey\"");
        cases.add(OPENAI + ", endpoint: 'ftp://example.org'", "spec.endpoint", "must be an http:// or https:// URL");
        cases.add(
                OPENAI + ", endpoint: 'https://me:secret@example.org'",
                "spec.endpoint",
                "credentials belong into a Secret");
        cases.add(OPENAI + ", temperaturePercent: 201", "spec.temperaturePercent", "less than or equal to 200");
        cases.add(OPENAI + ", attempts: 0", "spec.attempts", "greater than or equal to 1");
        cases.add(OPENAI + ", timeoutSeconds: 0", "spec.timeoutSeconds", "greater than or equal to 1");
        cases.add(OPENAI + ", prices: {input: 1}", "spec.prices.output: Required value");
        cases.add(OPENAI + ", prices: {input: -1, output: 1}", "spec.prices.input", "greater than or equal to 0");
        return cases.stream();
    }

    static Stream<Arguments> toolServers() {
        var cases = new Cases("ToolServer");
        String mcp = "mcp: {url: 'https://example.org/mcp', tools: [{name: t}]}";
        cases.add("", "set exactly one of spec.http (tools declared here) and spec.mcp");
        cases.add("http: {tools: [{" + HTTP_TOOL + "}]}, " + mcp, "set exactly one of spec.http");
        cases.add("http: {tools: []}", "spec.http.tools", "should have at least 1 items");
        cases.add("http: {tools: [{name: t, description: d}]}", "spec.http.tools[0].url: Required value");
        cases.add("http: {tools: [{name: t, url: 'https://e.org'}]}", "spec.http.tools[0].description: Required value");
        cases.tool("name: t, description: d, url: 'https://{host}/x'", "tools[0].url", "must be");
        cases.tool("name: t, description: d, url: 'https://me:pw@example.org/'", "tools[0].url", "must be");
        cases.tool(HTTP_TOOL + ", effect: reconcilable", "effect 'reconcilable' needs lookupUrl");
        cases.tool(HTTP_TOOL + ", effect: exactlyOnce", "tools[0].effect", "\"idempotent\"");
        cases.tool(HTTP_TOOL + ", method: OPTIONS", "tools[0].method", "\"POST\"");
        cases.tool(HTTP_TOOL + ", timeoutSeconds: 601", "tools[0].timeoutSeconds", "less than or equal to 600");
        cases.tool(HTTP_TOOL + ", maxResponseBytes: 1", "tools[0].maxResponseBytes", "greater than or equal to 1024");
        cases.tool(HTTP_TOOL + ", idempotencyHeader: 'a b'", "tools[0].idempotencyHeader", "must be");
        cases.tool(HTTP_TOOL + ", headers: {Authorization: x}", "unknown field \"spec.http.tools[0].headers\"");
        cases.add("mcp: {tools: [{name: t}]}", "spec.mcp.url: Required value");
        cases.add("mcp: {url: 'https://example.org/mcp'}", "spec.mcp.tools: Required value");
        cases.add(
                "mcp: {url: 'https://example.org/mcp', tools: [{name: t, schemaDigest: abc}]}",
                "spec.mcp.tools[0].schemaDigest",
                "sha256:");
        cases.add(mcp + ", auth: {header: Authorization}", "spec.auth.secret: Required value");
        cases.add(mcp + ", auth: {header: 'Bad Header:', secret: {name: s, key: k}}", "spec.auth.header", "must be");
        return cases.stream();
    }

    static Stream<Arguments> tenants() {
        var cases = new Cases("Tenant");
        cases.named("mine", "maxConcurrentRuns: 1", "metadata.name is 'default'");
        cases.named("default", "maxConcurrentRuns: -1", "spec.maxConcurrentRuns", "greater than or equal to 0");
        cases.named("default", "isolation: Pod", "spec.isolation", "\"Shared\"");
        cases.named(
                "default", "runtime: {cpu: 10m, replicas: 0}", "spec.runtime.replicas", "greater than or equal to 1");
        cases.named("default", "runtime: {memory: lots}", "spec.runtime.memory", "must be");
        cases.named("default", "runtime: {cpu: '-1'}", "spec.runtime.cpu", "must be");
        cases.named("default", "journal: {store: S3}", "spec.journal.store", "\"PersistentVolumeClaim\"");
        cases.named("default", "journal: {store: PersistentVolumeClaim}", "spec.journal.claimName");
        cases.named("default", "journal: {claimName: c}", "spec.journal.claimName belongs to store");
        cases.named("default", "limits: {seconds: 0}", "spec.limits.seconds", "greater than or equal to 1");
        return cases.stream();
    }

    static Stream<Arguments> runs() {
        var cases = new Cases("Run");
        cases.add("input: hi", "spec.agent: Required value");
        cases.add("agent: a", "spec.input: Required value");
        cases.add("agent: a, input: ''", "spec.input", "should be at least 1 chars long");
        cases.add("agent: a, input: " + "x".repeat(65537), "spec.input", "may not be more than 65536");
        cases.add("agent: other-team/a, input: hi", "spec.agent", "a reference carries no namespace");
        cases.add(RUN + ", agentNamespace: x", "unknown field \"spec.agentNamespace\"");
        cases.named("r".repeat(53), RUN, "metadata.name of a Run may have at most 52 characters");
        cases.add(RUN + ", isolation: VM", "spec.isolation", "\"Shared\"");
        cases.add(RUN + ", activeDeadlineSeconds: 0", "spec.activeDeadlineSeconds", "greater than or equal to 1");
        cases.add(RUN + ", ttlSecondsAfterFinished: -1", "spec.ttlSecondsAfterFinished", "greater than or equal to 0");
        cases.add(RUN + ", limits: {costMicros: 0}", "spec.limits.costMicros", "greater than or equal to 1");
        cases.add(RUN + ", cancel: perhaps", "spec.cancel", "boolean");
        cases.add(RUN + ", requester: somebody-else", "spec.requester", "your own");
        cases.add(RUN + ", parent: {name: p, uid: u, callId: c, depth: 1}", "spec.parent");
        return cases.stream();
    }

    static Stream<Arguments> schedules() {
        var cases = new Cases("Schedule");
        String syntax = "a schedule has five fields";
        cases.add(TEMPLATE, "set exactly one of spec.schedule");
        cases.add(DAILY + ", schedules: ['0 9 * * *']", "set exactly one of spec.schedule");
        for (String expression : List.of(
                "61 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * * 13 *",
                "* * * * 8",
                "* * * *",
                "* * * * * *",
                "*/0 * * * *",
                "@every 5m",
                "@reboot",
                "0 8 L * *",
                "tomorrow")) {
            cases.add("schedule: '" + expression + "', " + TEMPLATE, syntax);
        }
        cases.add("schedules: ['0 8 * * *', '0 25 * * *'], " + TEMPLATE, syntax);
        cases.add("schedule: 'TZ=Europe/Berlin 0 8 * * *', " + TEMPLATE, "set spec.timeZone");
        cases.add("schedule: 'CRON_TZ=UTC 0 8 * * *', " + TEMPLATE, "set spec.timeZone");
        cases.add(DAILY + ", timeZone: Mars/Olympus", "spec.timeZone", "Europe/Berlin");
        cases.add(DAILY + ", timeZone: Local", "spec.timeZone", "Europe/Berlin");
        cases.add(DAILY + ", concurrencyPolicy: Perhaps", "spec.concurrencyPolicy", "\"Forbid\"");
        cases.add(DAILY + ", catchUp: All, concurrencyPolicy: Forbid", "it needs concurrencyPolicy");
        cases.add(DAILY + ", catchUpLimit: 51", "spec.catchUpLimit", "less than or equal to 50");
        cases.add(
                DAILY + ", startingDeadlineSeconds: -1", "spec.startingDeadlineSeconds", "greater than or equal to 0");
        cases.add(DAILY + ", jitterSeconds: 3601", "spec.jitterSeconds", "less than or equal to 3600");
        cases.add(DAILY + ", startAt: tomorrow", "spec.startAt");
        cases.add(DAILY + ", startAt: '2026-02-30T08:00:00Z'", "must be times that exist");
        cases.add(DAILY + ", endAt: '2026-02-30T08:00:00Z'", "must be times that exist");
        cases.add(
                DAILY + ", startAt: '2026-02-01T00:00:00Z', endAt: '2026-01-01T00:00:00Z'",
                "spec.startAt must lie before spec.endAt");
        cases.add(DAILY + ", maxRuns: 0", "spec.maxRuns", "greater than or equal to 1");
        cases.add(DAILY + ", stopAfter: {failures: 0}", "spec.stopAfter.failures", "greater than or equal to 1");
        cases.add(DAILY + ", spendLimit: {period: Day}", "spec.spendLimit.costMicros: Required value");
        cases.add(DAILY + ", backfill: {from: '2026-02-01T00:00:00Z'}", "spec.backfill.to: Required value");
        cases.add(
                DAILY + ", backfill: {from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z'}",
                "spec.backfill.from must lie before");
        cases.add(DAILY + ", thread: Same", "one run at a time", "'Forbid', 'Queue' or 'Replace'");
        cases.add(
                DAILY + ", thread: Same, concurrencyPolicy: Forbid, successfulRunsHistoryLimit: 0",
                "set spec.successfulRunsHistoryLimit to 1 or more");
        cases.add(DAILY + ", requester: somebody-else", "spec.requester must be your own user name");
        cases.add("schedule: '0 8 * * *'", "spec.runTemplate: Required value");
        cases.add(
                "schedule: '0 8 * * *', runTemplate: {spec: {input: hi}}",
                "spec.runTemplate.spec.agent: Required value");
        cases.add(
                "schedule: '0 8 * * *', runTemplate: {spec: {agent: a, input: hi, cancel: true}}",
                "unknown field \"spec.runTemplate.spec.cancel\"");
        cases.add(
                "schedule: '0 8 * * *', runTemplate: {metadata: {labels: {wheelhouse.dev/x: mine}}, spec: {agent: a, input: hi}}",
                "labels of wheelhouse.dev are set by Wheelhouse");
        cases.named("s".repeat(43), DAILY, "metadata.name", "42");
        return cases.stream();
    }

    private static String manifest(String kind, String spec) {
        return manifest(kind, "x", spec);
    }

    private static String manifest(String kind, String name, String spec) {
        return "{apiVersion: wheelhouse.dev/v1alpha1, kind: " + kind + ", metadata: {name: " + name + "}, spec: {"
                + spec + "}}";
    }

    /** Collects the invalid manifests of one kind, written in flow style. */
    private record Cases(String kind, List<Arguments> all) {
        Cases(String kind) {
            this(kind, new ArrayList<>());
        }

        void add(String spec, String... fragments) {
            named("x", spec, fragments);
        }

        void tool(String tool, String... fragments) {
            add("http: {tools: [{" + tool + "}]}", fragments);
        }

        void named(String name, String spec, String... fragments) {
            String shown = kind + " " + (spec.length() > 120 ? spec.substring(0, 120) : spec);
            all.add(Arguments.of(named(shown, manifest(kind, name, spec)), fragments));
        }

        private static org.junit.jupiter.api.Named<String> named(String shown, String manifest) {
            return org.junit.jupiter.api.Named.of(shown, manifest);
        }

        Stream<Arguments> stream() {
            return all.stream();
        }
    }
}
