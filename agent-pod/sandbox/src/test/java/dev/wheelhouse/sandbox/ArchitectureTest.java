package dev.wheelhouse.sandbox;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What runs in the sandbox is small enough to be read. */
@AnalyzeClasses(packages = "dev.wheelhouse.sandbox", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule NOTHING_BUT_THE_JDK =
            classes().should().onlyDependOnClassesThat().resideInAnyPackage("dev.wheelhouse.sandbox..", "java..");

    @ArchTest
    static final ArchRule THE_PROTOCOL_KNOWS_NO_DAEMON = classes()
            .that()
            .resideInAPackage("..wire..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.wheelhouse.sandbox.wire..", "java..");
}
