package dev.wheelhouse.operator.reconcile;

import io.fabric8.kubernetes.client.KubernetesClient;

/** An API server, the operator that works there, and a namespace whose users and runtimes a test plays. */
final class OperatedCluster implements AutoCloseable {
    final StrictServer server = new StrictServer();
    final KubernetesClient operatorClient = server.client("the-operator");
    final World world = new World(server.client(StrictServer.TEST_AGENT));
    OperatorUnderTest operator;

    OperatedCluster() {
        startOperator();
    }

    /** Another one, which knows nothing of the one before. */
    OperatorUnderTest startOperator() {
        operator = new OperatorUnderTest(operatorClient).start();
        return operator;
    }

    @Override
    public void close() {
        operator.close();
        operatorClient.close();
        world.client.close();
        server.close();
    }
}
