package dev.wheelhouse.runtime;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Arrows that must not exist. Plain tests: ArchUnit's own engine is skipped without a word where its version does not fit. */
class ArchitectureTest {
    private static final Set<String> STATUS_WRITES =
            Set.of("updateStatus", "patchStatus", "editStatus", "replaceStatus", "subresource");

    private static final DescribedPredicate<JavaCall<?>> WRITES_STATUS = new DescribedPredicate<>("writes a status") {
        @Override
        public boolean test(JavaCall<?> call) {
            return STATUS_WRITES.contains(call.getTarget().getName())
                    && call.getTargetOwner().getPackageName().startsWith("io.fabric8");
        }
    };

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.wheelhouse.runtime");
    }

    @Test
    void one_class_for_each_kind_writes_status() {
        String writer = "dev.wheelhouse.runtime.drive.RunStatusWriter";
        String ofApprovals = "dev.wheelhouse.runtime.approval.ApprovalStatusWriter";
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(writer)
                .and()
                .doNotHaveFullyQualifiedName(ofApprovals)
                .should()
                .callMethodWhere(WRITES_STATUS)
                .check(classes);
        // The rule would also hold if it recognised no write at all.
        classes()
                .that()
                .haveFullyQualifiedName(writer)
                .or()
                .haveFullyQualifiedName(ofApprovals)
                .should()
                .callMethodWhere(WRITES_STATUS)
                .check(classes);
    }

    @Test
    void nothing_knows_the_operator() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.wheelhouse.operator..")
                .check(classes);
    }

    @Test
    void provider_sdks_stay_behind_their_port() {
        noClasses()
                .that()
                .resideInAnyPackage("..runtime.drive..", "..runtime.store..", "..runtime.boot..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("com.openai..", "com.anthropic..", "io.modelcontextprotocol.."))
                .check(classes);
    }

    @Test
    void stores_know_no_driver() {
        noClasses()
                .that()
                .resideInAPackage("..runtime.store..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..runtime.drive..", "..runtime.boot..", "..runtime.model..", "..runtime.tool..")
                .check(classes);
    }

    @Test
    void the_driver_knows_no_adapter() {
        noClasses()
                .that()
                .resideInAPackage("..runtime.drive..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "..runtime.boot..", "..runtime.model..", "..runtime.tool..", "..runtime.pin..", "io.quarkus..")
                .check(classes);
    }
}
