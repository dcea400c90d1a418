package dev.wheelhouse.operator.argocd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.wheelhouse.api.v1alpha1.RunPhase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.jse.JsePlatform;

/** The health scripts for Argo CD, run as Argo CD runs them: the object as a table, without libraries of the host. */
class HealthScriptTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Path SCRIPTS = Path.of("../charts/wheelhouse/argocd");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "schedule | {}                                                                             | Progressing | operator",
                "schedule | {status: {conditions: []}}                                                     | Progressing | operator",
                "schedule | {metadata: {generation: 2}, status: {observedGeneration: 1, conditions: [{type: Ready, status: 'True'}]}} | Progressing | last change",
                "schedule | {status: {nextScheduleTime: '2026-01-01T08:00:00Z', conditions: [{type: Ready, status: 'True', message: ok}, {type: Suspended, status: 'False'}, {type: Complete, status: 'False'}]}} | Healthy | 2026-01-01T08:00:00Z",
                "schedule | {status: {conditions: [{type: Ready, status: 'True'}, {type: Suspended, status: 'True', message: spec.suspend is true}]}} | Suspended | spec.suspend",
                "schedule | {status: {conditions: [{type: Ready, status: 'False', reason: RepeatedFailures, message: see}, {type: Suspended, status: 'True', message: 3 runs in a row failed}]}} | Degraded | 3 runs",
                "schedule | {status: {conditions: [{type: Ready, status: 'False', reason: NotAllowed, message: may not create Runs}]}} | Degraded | may not",
                "schedule | {status: {conditions: [{type: Ready, status: 'True'}, {type: Complete, status: 'True', message: maxRuns is reached}]}} | Healthy | maxRuns",
                "run      | {}                                                                             | Progressing | operator",
                "run      | {status: {phase: Queued}}                                                      | Progressing | Queued",
                "run      | {status: {phase: Pending, conditions: [{type: Accepted, status: 'False', message: no Agent 'a'}]}} | Degraded | no Agent",
                "run      | {status: {phase: Waiting, waitingFor: {summary: bob must decide}}}             | Suspended   | bob",
                "run      | {status: {phase: Waiting}}                                                     | Suspended   | Waiting",
                "run      | {status: {phase: Succeeded, conditions: [{type: Succeeded, status: 'True'}]}}  | Healthy     | Succeeded",
                "run      | {status: {phase: Failed, conditions: [{type: Succeeded, status: 'False', message: limit steps reached}]}} | Degraded | limit steps",
                "run      | {status: {phase: Cancelled}}                                                   | Suspended   | Cancelled",
                "agent    | {}                                                                             | Progressing | operator",
                "agent    | {status: {conditions: [{type: Ready, status: 'True', message: usable}]}}       | Healthy     | usable",
                "agent    | {status: {conditions: [{type: Ready, status: 'False', message: no Model 'm'}]}} | Degraded    | no Model",
                "agent    | {metadata: {generation: 3}, status: {observedGeneration: 2, conditions: [{type: Ready, status: 'False', message: x}]}} | Progressing | last change",
                "approval | {}                                                                             | Progressing | operator",
                "approval | {status: {phase: Pending}}                                                     | Suspended   | decision",
                "approval | {status: {phase: Approved, decidedBy: bob}}                                    | Healthy     | Approved by bob",
                "approval | {status: {phase: Rejected, decidedBy: bob}}                                    | Healthy     | Rejected by bob",
                "approval | {status: {phase: Consumed}}                                                    | Healthy     | Consumed",
                "approval | {status: {phase: Withdrawn}}                                                   | Healthy     | Withdrawn",
                "approval | {status: {phase: Expired}}                                                     | Degraded    | in time",
                "approval | {status: {phase: Pending, conditions: [{type: IdentityVerified, status: 'False', message: policies are gone}]}} | Degraded | policies",
            })
    void health(String script, String object, String status, String fragment) throws IOException {
        LuaTable health = run(script, object);
        assertEquals(status, health.get("status").tojstring());
        assertTrue(
                health.get("message").tojstring().contains(fragment),
                health.get("message").tojstring());
    }

    @ParameterizedTest
    @EnumSource(RunPhase.class)
    void every_phase_of_a_run_is_known(RunPhase phase) throws IOException {
        String status =
                run("run", "{status: {phase: " + phase + "}}").get("status").tojstring();
        boolean moving =
                List.of(RunPhase.Pending, RunPhase.Queued, RunPhase.Running).contains(phase);
        assertEquals(moving, status.equals("Progressing"), phase + " is " + status);
    }

    @Test
    void the_documentation_names_every_script() throws IOException {
        String page = Files.readString(Path.of("../docs/argocd.md"));
        try (var scripts = Files.list(SCRIPTS)) {
            scripts.map(path -> path.getFileName().toString())
                    .forEach(name -> assertTrue(page.contains("argocd/" + name), name));
        }
    }

    private static LuaTable run(String script, String object) throws IOException {
        Globals lua = JsePlatform.standardGlobals();
        for (String name : List.of("io", "os", "luajava", "require", "package")) {
            lua.set(name, LuaValue.NIL);
        }
        lua.set("obj", value(YAML.readTree(object)));
        return lua.load(Files.readString(SCRIPTS.resolve(script + ".lua")), script)
                .call()
                .checktable();
    }

    private static LuaValue value(JsonNode node) {
        if (node.isObject()) {
            LuaTable table = new LuaTable();
            node.properties().forEach(field -> table.set(field.getKey(), value(field.getValue())));
            return table;
        }
        if (node.isArray()) {
            LuaTable table = new LuaTable();
            for (int i = 0; i < node.size(); i++) {
                table.set(i + 1, value(node.get(i)));
            }
            return table;
        }
        if (node.isNumber()) {
            return LuaValue.valueOf(node.asLong());
        }
        return node.isBoolean() ? LuaValue.valueOf(node.asBoolean()) : LuaValue.valueOf(node.asText());
    }
}
