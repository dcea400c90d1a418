package dev.wheelhouse.runtime;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** Arrows that must not exist. */
@AnalyzeClasses(packages = "dev.wheelhouse.runtime", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final Set<String> STATUS_WRITES =
            Set.of("updateStatus", "patchStatus", "editStatus", "replaceStatus", "subresource");

    @ArchTest
    static final ArchRule ONE_STATUS_WRITER = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.wheelhouse.runtime.drive.RunStatusWriter")
            .should()
            .callMethodWhere(new DescribedPredicate<JavaCall<?>>("writes a status") {
                @Override
                public boolean test(JavaCall<?> call) {
                    return STATUS_WRITES.contains(call.getTarget().getName())
                            && call.getTargetOwner().getPackageName().startsWith("io.fabric8");
                }
            });

    @ArchTest
    static final ArchRule NO_OPERATOR =
            noClasses().should().dependOnClassesThat().resideInAPackage("dev.wheelhouse.operator..");

    @ArchTest
    static final ArchRule PROVIDERS_STAY_BEHIND_THEIR_PORT = noClasses()
            .that()
            .resideInAnyPackage("..drive..", "..store..", "..boot..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.openai..", "com.anthropic..", "io.modelcontextprotocol.."));

    @ArchTest
    static final ArchRule STORES_KNOW_NO_DRIVER = noClasses()
            .that()
            .resideInAPackage("..runtime.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..runtime.drive..", "..runtime.boot..", "..runtime.model..", "..runtime.tool..");

    @ArchTest
    static final ArchRule DRIVER_KNOWS_NO_ADAPTER = noClasses()
            .that()
            .resideInAPackage("..runtime.drive..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..runtime.boot..", "..runtime.model..", "..runtime.tool..", "..runtime.pin..", "io.quarkus..");
}
