package dev.wheelhouse.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives tests namespaces and takes them away: those that a test opens after the test, those of a class after the class.
 * What a failed test leaves is written to {@code target/failures} first.
 */
final class Spaces implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    /** Order of classes that take more than two minutes: the others fit in beside them. */
    static final int LONG = 1;

    private final List<Space> ofClass = new CopyOnWriteArrayList<>();
    private final ThreadLocal<List<Space>> ofTest = ThreadLocal.withInitial(ArrayList::new);

    private ExtensionContext.Store root;
    private Common common;

    /** What classes share whose tests disturb nobody: a namespace with one runtime, and a world to act on. */
    record Common(Space space, CountingServer world) implements AutoCloseable {
        private static Common open() {
            var common = new Common(new Space(Cluster.namespace("common")), new CountingServer());
            common.space.tenant("runtime: {cpu: 10m, replicas: 1}").world(common.world);
            return common;
        }

        @Override
        public void close() {
            Cluster.drop(space.name());
            world.close();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Cluster.require();
        root = context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL);
    }

    Common common() {
        common = root.computeIfAbsent(Common.class, key -> Common.open(), Common.class);
        return common;
    }

    /** A namespace for this test alone. */
    Space open(String purpose) {
        var space = new Space(Cluster.namespace(purpose));
        ofTest.get().add(space);
        return space;
    }

    /** A namespace for all tests of the class. */
    Space openForClass(String purpose) {
        var space = new Space(Cluster.namespace(purpose));
        ofClass.add(space);
        return space;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            var spaces = new ArrayList<>(ofTest.get());
            spaces.addAll(ofClass);
            if (common != null) {
                spaces.add(common.space);
            }
            spaces.forEach(space -> Evidence.keep(space, folder(context)));
        }
        ofTest.get().forEach(space -> Cluster.drop(space.name()));
        ofTest.remove();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        ofClass.forEach(space -> Cluster.drop(space.name()));
    }

    private static Path folder(ExtensionContext context) {
        Path folder = Cluster.repository()
                .resolve("e2e/target/failures")
                .resolve(context.getRequiredTestClass().getSimpleName() + "."
                        + context.getRequiredTestMethod().getName());
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
