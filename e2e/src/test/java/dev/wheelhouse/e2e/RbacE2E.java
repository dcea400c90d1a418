package dev.wheelhouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may do what, asked as {@code kubectl auth can-i} asks it. */
class RbacE2E {
    private static final String OPERATOR = "system:serviceaccount:wheelhouse-system:wheelhouse-operator";

    @RegisterExtension
    static final Spaces SPACES = new Spaces();

    private static Space space;
    private static Space foreign;

    @BeforeAll
    static void open() {
        space = SPACES.openForClass("rbac").tenant("runtime: {cpu: 10m, replicas: 1}");
        foreign = SPACES.openForClass("foreign");
        // A first run makes the operator bind the runtime's role in the namespace.
        space.create("Model", "r", Manifest.scripted("- {then: {text: done}}\n"));
        space.create("Agent", "r", "model: r\ninstructions: x").run("r");
        space.awaitComplete("r");
        for (String role : List.of("view", "edit")) {
            space.kubectl("create", "rolebinding", role, "--clusterrole=" + role, "--user=" + role)
                    .orThrow();
        }
        space.kubectl("create", "rolebinding", "approver", "--clusterrole=wheelhouse-approver", "--user=approver")
                .orThrow();
    }

    /** Pods, only as hard as sandboxes are, and bindings, only of the right to ask about tokens: policies hold it to that. */
    @ParameterizedTest
    @CsvSource({
        "get, secrets, no",
        "list, secrets, no",
        "watch, secrets, no",
        "create, secrets, no",
        "get, configmaps, no",
        "list, configmaps, no",
        "create, configmaps, no",
        "create, pods, yes",
        "delete, pods, yes",
        "update, pods, no",
        "create, pods/exec, no",
        "get, pods/exec, no",
        "get, pods/log, no",
        "create, pods/portforward, no",
        "create, serviceaccounts/token, no",
        "impersonate, users, no",
        "impersonate, serviceaccounts, no",
        "escalate, clusterroles.rbac.authorization.k8s.io, no",
        "bind, clusterroles.rbac.authorization.k8s.io, no",
        "create, clusterrolebindings.rbac.authorization.k8s.io, yes",
        "update, clusterrolebindings.rbac.authorization.k8s.io, no",
        "create, validatingadmissionpolicies.admissionregistration.k8s.io, no",
        "update, leases.coordination.k8s.io, no",
        "create, runs.wheelhouse.dev, yes",
        "update, runs.wheelhouse.dev, no",
        "create, agents.wheelhouse.dev, no",
        "update, models.wheelhouse.dev, no",
        "list, runs.wheelhouse.dev, yes",
        "watch, runs.wheelhouse.dev, yes",
        "delete, runs.wheelhouse.dev, yes",
        "update, runs.wheelhouse.dev/status, yes",
        "update, schedules.wheelhouse.dev/finalizers, yes",
        "update, schedules.wheelhouse.dev, no",
        "update, runs.wheelhouse.dev/finalizers, no",
        "create, deployments.apps, yes",
        "watch, pods, yes",
    })
    void operator(String verb, String resource, String answer) {
        assertCanI(OPERATOR, space.name(), verb, resource, answer);
    }

    @ParameterizedTest
    @CsvSource({
        "get, secrets, no",
        "list, secrets, no",
        "create, pods, no",
        "delete, pods, no",
        "create, pods/exec, no",
        "get, pods/log, no",
        "create, deployments.apps, no",
        "create, rolebindings.rbac.authorization.k8s.io, no",
        "delete, runs.wheelhouse.dev, no",
        "delete, configmaps, no",
        "update, agents.wheelhouse.dev, no",
        "update, tenants.wheelhouse.dev, no",
        "update, runs.wheelhouse.dev/status, yes",
        "watch, runs.wheelhouse.dev, yes",
        "create, runs.wheelhouse.dev, yes",
        "create, configmaps, yes",
        "update, configmaps, yes",
        "update, leases.coordination.k8s.io, yes",
    })
    void runtime_in_its_namespace(String verb, String resource, String answer) {
        assertCanI(runtime(), space.name(), verb, resource, answer);
    }

    @ParameterizedTest
    @CsvSource({
        "get, secrets",
        "get, configmaps",
        "create, configmaps",
        "get, runs.wheelhouse.dev",
        "update, runs.wheelhouse.dev/status",
        "get, agents.wheelhouse.dev",
        "get, pods",
        "update, leases.coordination.k8s.io",
    })
    void runtime_in_another_namespace(String verb, String resource) {
        assertCanI(runtime(), foreign.name(), verb, resource, "no");
        assertCanI(runtime(), "wheelhouse-system", verb, resource, "no");
    }

    @Test
    void nobody_of_ours_has_a_wildcard() {
        for (String subject : List.of(OPERATOR, runtime())) {
            var wild = space.kubectl("auth", "can-i", "--list", "--as=" + subject)
                    .orThrow()
                    .out()
                    .lines()
                    // Lines that begin with a blank are URLs such as /api/*, which everybody may read.
                    .filter(line -> !line.startsWith(" ") && line.contains("*"))
                    .toList();
            assertTrue(wild.isEmpty(), () -> subject + ": " + wild);
        }
        assertCanI(OPERATOR, space.name(), "*", "*", "no");
    }

    @ParameterizedTest
    @CsvSource({
        "view, get, runs.wheelhouse.dev, yes",
        "view, list, agents.wheelhouse.dev, yes",
        "view, list, tenants.wheelhouse.dev, yes",
        "view, create, runs.wheelhouse.dev, no",
        "edit, create, runs.wheelhouse.dev, yes",
        "edit, patch, agents.wheelhouse.dev, yes",
        "edit, delete, models.wheelhouse.dev, yes",
        "edit, update, tenants.wheelhouse.dev, no",
        "edit, update, runs.wheelhouse.dev/status, no",
        "approver, get, runs.wheelhouse.dev, yes",
        "approver, create, runs.wheelhouse.dev, no",
        "approver, get, secrets, no",
    })
    void people(String user, String verb, String resource, String answer) {
        assertCanI(user, space.name(), verb, resource, answer);
    }

    @Test
    void approving_is_a_role_of_its_own() {
        assertMay("approver", "approve", "approvals", true);
        assertMay("approver", "patch", "approvals", true);
        assertMay("edit", "approve", "approvals", false);
        assertMay("edit", "patch", "approvals", false);
    }

    private static String runtime() {
        return "system:serviceaccount:" + space.name() + ":wheelhouse-runtime";
    }

    /** {@code resource} as in {@code pods/exec}; kubectl itself takes a slash for a name. */
    private static void assertCanI(String subject, String namespace, String verb, String resource, String answer) {
        String[] parts = resource.split("/");
        var command = new ArrayList<>(List.of("-n", namespace, "auth", "can-i", verb, parts[0], "--as=" + subject));
        if (parts.length > 1) {
            command.add("--subresource=" + parts[1]);
        }
        var result = Cluster.kubectl(command.toArray(String[]::new));
        assertEquals(answer, result.out().strip(), () -> subject + " " + verb + " " + resource + ": " + result.err());
    }

    /** For kinds that the API server does not serve yet, which kubectl cannot ask about. */
    private static void assertMay(String user, String verb, String resource, boolean allowed) {
        var review = Cluster.client()
                .resource(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(user)
                        .withNewResourceAttributes()
                        .withNamespace(space.name())
                        .withVerb(verb)
                        .withGroup("wheelhouse.dev")
                        .withResource(resource)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create();
        assertEquals(allowed, review.getStatus().getAllowed(), () -> user + " " + verb + " " + resource);
    }
}
