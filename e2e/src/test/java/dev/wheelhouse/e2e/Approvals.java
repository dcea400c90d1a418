package dev.wheelhouse.e2e;

import dev.wheelhouse.api.v1alpha1.Approval;
import dev.wheelhouse.api.v1alpha1.ApprovalStatus;
import dev.wheelhouse.api.v1alpha1.Run;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** The people of a namespace and what they decide, with {@code kubectl} as they would. */
record Approvals(Space space) {
    /** Lets amy ask for runs, and bob and carol decide; carol is in the group leads where she says so. */
    Approvals people() {
        bind("amy", "wheelhouse-edit");
        bind("amy", "wheelhouse-view");
        for (String approver : List.of("amy", "bob", "carol")) {
            bind(approver, "wheelhouse-approver");
        }
        return this;
    }

    private void bind(String user, String role) {
        space.kubectl("create", "rolebinding", user + "-" + role, "--clusterrole=" + role, "--user=" + user)
                .orThrow();
    }

    /** An agent that makes these calls, one array element each, and then tells what it heard. */
    Approvals agent(String name, String calls, String agentFields) {
        space.create("Model", name, Manifest.scripted("""
                - when: {step: 1}
                  then: {text: 'I will act.', calls: [%s]}
                - then: {text: 'It says {{lastMessage}}'}
                """.formatted(calls)));
        space.create("Agent", name, "model: " + name + "\ninstructions: Do as you are told.\n" + agentFields);
        return this;
    }

    /** One tool that needs a person, by this rule in flow style. */
    static String gated(String rule) {
        return "tools:\n- {server: world, name: put, approval: {" + rule + "}}\n";
    }

    /** Starts a run as amy and waits until it asks; answers the name of what it asks. */
    String ask(String agent) {
        start(agent);
        return awaitAsked(agent, names -> !names.isEmpty()).getFirst();
    }

    void start(String agent) {
        Kubectl.run(
                        Manifest.of("Run", agent, "agent: " + agent + "\ninput: go\n"),
                        "-n",
                        space.name(),
                        "--as=amy",
                        "create",
                        "-f",
                        "-")
                .orThrow();
    }

    List<String> awaitAsked(String run, Predicate<List<String>> names) {
        Run waiting = space.awaitRun(
                run,
                "waiting for approval",
                seen -> Runs.waits(seen, "Approvals")
                        && names.test(seen.getStatus().waitingFor().names()));
        return waiting.getStatus().waitingFor().names();
    }

    /** Adds a decision; {@code more} are further fields as JSON, each after a comma. */
    Kubectl.Result decide(String user, String approval, String verdict, String more) {
        return as(
                user,
                "patch",
                "approval",
                approval,
                "--type=merge",
                "-p",
                "{\"spec\":{\"decisions\":{\"" + user + "\":{\"verdict\":\"" + verdict + "\"" + more + "}}}}");
    }

    Kubectl.Result as(String user, String... arguments) {
        var all = new String[arguments.length + 1];
        all[0] = "--as=" + user;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return space.kubectl(all);
    }

    Approval get(String name) {
        return Cluster.client()
                .resources(Approval.class)
                .inNamespace(space.name())
                .withName(name)
                .get();
    }

    Approval await(String name, String what, Predicate<ApprovalStatus> is) {
        var last = new AtomicReference<Approval>();
        Space.await(
                () -> name + " " + what + ", but it is "
                        + (last.get() == null ? "not there" : last.get().getStatus()),
                java.time.Duration.ofSeconds(60),
                () -> {
                    last.set(get(name));
                    return last.get() != null
                            && last.get().getStatus() != null
                            && is.test(last.get().getStatus());
                });
        return last.get();
    }
}
