package dev.wheelhouse.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.wheelhouse.operator.kube.StatusWriter;
import io.fabric8.kubernetes.client.KubernetesClient;

@AnalyzeClasses(packages = "dev.wheelhouse.operator", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule THE_DOMAIN_IS_PURE = noClasses()
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
                    "..operator.boot..");

    @ArchTest
    static final ArchRule THE_DOMAIN_HAS_NO_CLOCK = noClasses()
            .that()
            .resideInAPackage("..operator.domain..")
            .should()
            .callMethodWhere(call("now", "nanoTime", "currentTimeMillis"));

    @ArchTest
    static final ArchRule ONE_WRITER_OF_STATUS = noClasses()
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
                    "patchResourceAndStatus"));

    @ArchTest
    static final ArchRule ONLY_KUBE_TALKS_TO_THE_API = noClasses()
            .that()
            .resideInAPackage("..operator.reconcile..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(KubernetesClient.class);

    @ArchTest
    static final ArchRule NO_SECRETS_AND_NO_CONFIG_MAPS =
            noClasses().should().callMethodWhere(call("secrets", "configMaps"));

    @ArchTest
    static final ArchRule KUBE_DOES_NOT_KNOW_ITS_CALLERS = noClasses()
            .that()
            .resideInAPackage("..operator.kube..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..operator.reconcile..", "..operator.boot..");

    private static DescribedPredicate<JavaCall<?>> call(String... names) {
        return DescribedPredicate.describe("one of " + String.join(", ", names), call -> {
            boolean ours = call.getTargetOwner().getPackageName().startsWith("dev.wheelhouse");
            return !ours && java.util.Arrays.asList(names).contains(call.getName());
        });
    }
}
