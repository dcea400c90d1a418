package dev.wheelhouse.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.wheelhouse.operator");

    @Test
    void theDomainIsPure() {
        noClasses()
                .that()
                .resideInAPackage("..operator.domain..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.fabric8..",
                        "io.javaoperatorsdk..",
                        "io.quarkus..",
                        "io.quarkiverse..",
                        "jakarta..",
                        "org.slf4j..",
                        "..operator.kube..",
                        "..operator.reconcile..",
                        "..operator.boot..")
                .check(OURS);
    }

    @Test
    void theDomainHasNoClock() {
        noClasses()
                .that()
                .resideInAPackage("..operator.domain..")
                .should()
                .callMethodWhere(call("now", "nanoTime", "currentTimeMillis"))
                .check(OURS);
    }

    @Test
    void oneWriterOfStatus() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(StatusWriter.class)
                .should()
                .callMethodWhere(call(
                        "updateStatus",
                        "patchStatus",
                        "editStatus",
                        "replaceStatus",
                        "updatePrimaryStatus",
                        "patchResource",
                        "patchResourceAndStatus"))
                .check(OURS);
    }

    @Test
    void onlyKubeTalksToTheApi() {
        noClasses()
                .that()
                .resideInAPackage("..operator.reconcile..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(KubernetesClient.class)
                .check(OURS);
    }

    @Test
    void noSecretsAndNoConfigMaps() {
        noClasses().should().callMethodWhere(call("secrets", "configMaps")).check(OURS);
    }

    @Test
    void kubeDoesNotKnowItsCallers() {
        noClasses()
                .that()
                .resideInAPackage("..operator.kube..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..operator.reconcile..", "..operator.boot..")
                .check(OURS);
    }

    private static DescribedPredicate<JavaCall<?>> call(String... names) {
        return DescribedPredicate.describe("one of " + String.join(", ", names), call -> {
            boolean ours = call.getTargetOwner().getPackageName().startsWith("dev.wheelhouse");
            return !ours && Arrays.asList(names).contains(call.getName());
        });
    }
}
