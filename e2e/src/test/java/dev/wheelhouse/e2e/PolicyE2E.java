package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may change what: what is immutable stays, and nobody writes what belongs to the operator or a runtime. */
class PolicyE2E {
    /** May write our kinds and ConfigMaps in the namespace, and read no Secret. */
    private static final String AUTHOR = "--as=author@example.org";

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("policy");
        space.kubectl("create", "rolebinding", "author", "--clusterrole=wheelhouse-edit", "--user=author@example.org")
                .orThrow();
        space.kubectl("create", "rolebinding", "viewer", "--clusterrole=wheelhouse-view", "--user=author@example.org")
                .orThrow();
        space.kubectl("create", "role", "maps", "--verb=*", "--resource=configmaps,runs.wheelhouse.dev/status")
                .orThrow();
        space.kubectl("create", "rolebinding", "maps", "--role=maps", "--user=author@example.org")
                .orThrow();
        // No such agent: the run stays as it is while it is being changed.
        space.run("fixed", "nobody", "hi", "limits: {steps: 3}\nisolation: Shared");
        space.run("cancelled", "nobody", "hi", "cancel: true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "fixed     | agent: other                                     | spec.agent is immutable",
                "fixed     | input: other                                     | spec.input is immutable",
                "fixed     | requester: other                                 | spec.requester",
                "fixed     | limits: {steps: 4}                               | spec.limits is immutable",
                "fixed     | limits: null                                     | spec.limits is immutable",
                "fixed     | isolation: Run                                   | spec.isolation is immutable",
                "fixed     | parent: {name: p, uid: u, callId: c, depth: 1}   | spec.parent",
                "cancelled | cancel: false                                    | spec.cancel is one-way",
            })
    void what_is_immutable_stays(String run, String change, String fragment) {
        var result = space.patch("arun", run, "spec: {" + change + "}");
        assertRefused(result, fragment);
    }

    @Test
    void a_run_can_be_given_a_deadline_and_a_retention_later() {
        space.run("open", "nobody", "hi", "");
        space.patch("arun", "open", "spec: {activeDeadlineSeconds: 5000, ttlSecondsAfterFinished: 7}")
                .orThrow();
    }

    @Test
    void the_requester_is_the_one_who_created_the_run_and_nobody_else() {
        assertRefused(as("Run", "forged", "agent: a, input: hi, requester: boss@example.org"), "spec.requester");
        as("Run", "own", "agent: a, input: hi, requester: author@example.org").orThrow();
        as("Run", "filled", "agent: a, input: hi").orThrow();
        assertEquals("author@example.org", space.get("filled").getSpec().requester());
    }

    @Test
    void only_who_may_read_a_secret_may_send_it_somewhere() {
        assertRefused(
                as("Model", "m", "provider: openai, model: gpt, secret: {name: payroll-key, key: k}"),
                "spec.secret names secrets/payroll-key",
                "Ask for the right to get that object");
        assertRefused(
                as(
                        "ToolServer",
                        "t",
                        "mcp: {url: 'https://evil.example.org/', tools: [{name: t}]}, auth: {header: "
                                + "Authorization, secret: {name: payroll-key, key: k}}"),
                "spec.auth.secret names secrets/payroll-key");
        space.kubectl("create", "role", "key", "--verb=get", "--resource=secrets", "--resource-name=own-key")
                .orThrow();
        space.kubectl("create", "rolebinding", "key", "--role=key", "--user=author@example.org")
                .orThrow();
        as("Model", "m", "provider: openai, model: gpt, secret: {name: own-key, key: k}")
                .orThrow();
        // Nor may somebody who cannot read it turn a Model that names it to another endpoint.
        space.kubectl("delete", "rolebinding", "key").orThrow();
        assertRefused(
                space.kubectl(
                        AUTHOR,
                        "patch",
                        "model",
                        "m",
                        "--type=merge",
                        "-p",
                        "spec: {endpoint: 'https://evil.example.org'}"),
                "own-key");
    }

    @Test
    void status_is_written_by_operator_and_runtime_only() {
        var result = space.kubectl(
                AUTHOR,
                "patch",
                "arun",
                "fixed",
                "--subresource=status",
                "--type=merge",
                "-p",
                "status: {phase: Succeeded}");
        assertRefused(result, "status", "operator");
    }

    @Test
    void journals_are_written_by_runtimes_only() {
        String journal =
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: forged, labels: {wheelhouse.dev/journal: u}}}";
        assertRefused(Kubectl.run(journal, "-n", space.name(), AUTHOR, "create", "-f", "-"), "wheelhouse.dev/journal");
        space.kubectl("create", "configmap", "plain").orThrow();
        assertRefused(
                space.kubectl(AUTHOR, "label", "configmap", "plain", "wheelhouse.dev/journal=u"),
                "wheelhouse.dev/journal");
        assertRefused(
                Kubectl.run(
                        journal,
                        "-n",
                        space.name(),
                        "--as=system:serviceaccount:" + space.name() + ":default",
                        "--as-group=system:masters",
                        "create",
                        "-f",
                        "-"),
                "wheelhouse.dev/journal");
    }

    private static Kubectl.Result as(String kind, String name, String spec) {
        return Kubectl.run(
                "{apiVersion: wheelhouse.dev/v1alpha1, kind: " + kind + ", metadata: {name: " + name + "}, spec: {"
                        + spec + "}}",
                "-n",
                space.name(),
                AUTHOR,
                "create",
                "-f",
                "-");
    }

    private static void assertRefused(Kubectl.Result result, String... fragments) {
        assertFalse(result.ok(), () -> String.join(" ", result.command()) + " was accepted: " + result.out());
        for (String fragment : fragments) {
            assertTrue(
                    result.err().contains(fragment),
                    () -> "the message should say '" + fragment + "' but is:\n" + result.err());
        }
    }
}
