package dev.wheelhouse.sandbox;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What runs in the sandbox is small enough to be read. */
class ArchitectureTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.wheelhouse.sandbox");

    @Test
    void theDaemonNeedsNothingButTheJdk() {
        assertTrue(ALL.size() > 50, "the classes are found");
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.wheelhouse.sandbox..", "java..")
                .check(ALL);
    }

    @Test
    void theProtocolKnowsNoDaemon() {
        classes()
                .that()
                .resideInAPackage("..wire..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.wheelhouse.sandbox.wire..", "java..")
                .check(ALL);
    }
}
