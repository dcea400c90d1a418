package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Decisions on an Approval that a run really waits for cannot be forged, and the API server says what is wrong. The chart's
 * own test has more of these, on Approvals of its own making.
 */
class ForgeryE2E {
    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static final String NOT_OURS = "sha256:" + "0".repeat(64);
    private static Approvals approvals;
    private static Space space;
    private static String asked;

    /** Who tries what, and what the answer must say. {@code command} begins with the verb of kubectl. */
    private record Forgery(String name, String user, List<String> command, String answer) {}

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("forgery").tenant("runtime: {cpu: 10m, replicas: 1}");
        space.world(SPACES.common().world());
        approvals = new Approvals(space).people();
        space.kubectl(
                        "create",
                        "role",
                        "all-but-approve",
                        "--verb=get,list,create,patch,update,delete",
                        "--resource=approvals.wheelhouse.dev,approvals.wheelhouse.dev/status")
                .orThrow();
        space.kubectl("create", "rolebinding", "dan", "--role=all-but-approve", "--user=dan")
                .orThrow();
        approvals.agent(
                "pay",
                "{tool: put, arguments: {what: forged}}",
                Approvals.gated("mode: Always, approverGroups: [leads]"));
        asked = approvals.ask("pay");
        approvals
                .as(
                        "carol",
                        "--as-group=leads",
                        "patch",
                        "appr",
                        asked,
                        "--type=merge",
                        "--dry-run=server",
                        "-p",
                        decision("carol", "\"verdict\":\"Approve\""))
                .orThrow();
    }

    private static String decision(String user, String fields) {
        return "{\"spec\":{\"decisions\":{\"" + user + "\":{" + fields + "}}}}";
    }

    private static List<String> patch(String change) {
        return List.of("--as-group=leads", "patch", "appr", asked, "--type=merge", "-p", change);
    }

    private static Forgery decide(String name, String user, String key, String fields, String answer) {
        return new Forgery(name, user, patch(decision(key, fields)), answer);
    }

    private static Forgery change(String name, String user, String change, String answer) {
        return new Forgery(name, user, patch(change), answer);
    }

    private static Stream<Forgery> decisions() {
        String yes = "\"verdict\":\"Approve\"";
        String operator = "system:serviceaccount:wheelhouse-system:wheelhouse-operator";
        String runtime = "system:serviceaccount:" + space.name() + ":wheelhouse-runtime";
        return Stream.of(
                decide("in another's name", "bob", "carol", yes, "must be bob, not carol"),
                decide("in a name that nobody has", "bob", "root", yes, "must be bob, not root"),
                decide("in the requester's name", "bob", "amy", yes, "must be bob, not amy"),
                decide("the requester", "amy", "amy", yes, "asked for the run"),
                decide("the requester in another's name", "amy", "bob", yes, "must be amy, not bob"),
                decide("without the verb approve", "dan", "dan", yes, "lacks the verb approve"),
                decide("the operator", operator, operator, yes, "carry decisions out"),
                decide("the operator in another's name", operator, "bob", yes, "in your own name only"),
                decide("a runtime", runtime, runtime, yes, "cannot patch"),
                decide("a verdict that was not offered", "bob", "bob", "\"verdict\":\"Happened\"", "not allowed"),
                decide(
                        "an edit where none is allowed",
                        "bob",
                        "bob",
                        "\"verdict\":\"Edit\",\"arguments\":\"{}\"",
                        "not allowed"),
                decide(
                        "an answer where none is allowed",
                        "bob",
                        "bob",
                        "\"verdict\":\"Respond\",\"answer\":\"x\"",
                        "not allowed"),
                decide(
                        "an approval with other arguments",
                        "bob",
                        "bob",
                        yes + ",\"arguments\":\"{}\"",
                        "belong to verdict"),
                decide("a verdict of one's own making", "bob", "bob", "\"verdict\":\"Yes\"", "Unsupported value"),
                decide(
                        "about something else",
                        "bob",
                        "bob",
                        yes + ",\"payloadHash\":\"" + NOT_OURS + "\"",
                        "looked at another"),
                new Forgery(
                        "in no group that may",
                        "bob",
                        List.of("patch", "appr", asked, "--type=merge", "-p", decision("bob", yes)),
                        "in none of the groups"),
                new Forgery(
                        "in two names at once",
                        "bob",
                        patch("{\"spec\":{\"decisions\":{\"bob\":{" + yes + "},\"carol\":{" + yes + "}}}}"),
                        "must be bob, not carol"));
    }

    private static Stream<Forgery> requests() {
        return Stream.of(
                        "\"arguments\":\"{\\\"what\\\":\\\"more\\\"}\"",
                        "\"payloadHash\":\"" + NOT_OURS + "\"",
                        "\"requester\":\"eve\"",
                        "\"requester\":null",
                        "\"excludedApprovers\":[]",
                        "\"approverGroups\":null",
                        "\"allowServiceAccounts\":true",
                        "\"quorum\":2",
                        "\"verdicts\":[\"Approve\",\"Respond\"]",
                        "\"expiresAt\":\"2999-01-01T00:00:00Z\"",
                        "\"run\":{\"name\":\"other\"}",
                        "\"nonce\":\"another-one\"")
                .map(field ->
                        change("request: " + field, "bob", "{\"spec\":{\"request\":{" + field + "}}}", "is immutable"));
    }

    private static Stream<Forgery> objects() {
        String approve = "{\"status\":{\"phase\":\"Approved\",\"verdict\":\"Approve\"}}";
        List<String> status = List.of("patch", "appr", asked, "--subresource=status", "--type=merge", "-p", approve);
        return Stream.of(
                change(
                        "cut off its run",
                        "bob",
                        "{\"metadata\":{\"ownerReferences\":null}}",
                        "tie an Approval to its Run"),
                change(
                        "given to another run",
                        "bob",
                        "{\"metadata\":{\"labels\":{\"wheelhouse.dev/run-uid\":\"x\"}}}",
                        "tie an"),
                change("made undeletable", "bob", "{\"metadata\":{\"finalizers\":[\"example.org/x\"]}}", "tie an"),
                new Forgery("its status, by an approver", "bob", status, "cannot get"),
                new Forgery(
                        "its status, by somebody with the right", "dan", status, "written by the Wheelhouse operator"),
                new Forgery("deleted by an approver", "bob", List.of("delete", "appr", asked), "cannot delete"),
                new Forgery(
                        "deleted by somebody with the right",
                        "dan",
                        List.of("delete", "appr", asked),
                        "is still in use"),
                new Forgery("all deleted", "dan", List.of("delete", "appr", "--all"), "is still in use"));
    }

    @TestFactory
    Stream<DynamicTest> refused_with_a_reason() {
        return Stream.of(decisions(), requests(), objects())
                .flatMap(forgeries -> forgeries)
                .map(forgery -> DynamicTest.dynamicTest(forgery.name(), () -> {
                    Kubectl.Result result =
                            approvals.as(forgery.user(), forgery.command().toArray(String[]::new));
                    assertTrue(!result.ok(), () -> "let through: " + result.out());
                    assertTrue(
                            result.err().contains(forgery.answer()),
                            () -> "should say '" + forgery.answer() + "': " + result.err());
                }));
    }
}
