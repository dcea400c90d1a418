package dev.wheelhouse.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.wheelhouse.core.drive.VirtualThreads;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the core must never depend on, or it could not be simulated. */
class CoreRulesTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.wheelhouse.core");

    @Test
    void theCoreKeepsItsRules() {
        assertTrue(CORE.size() > 50, "the classes are found");
        List.of(ONLY_THESE_LIBRARIES, NO_IO, NO_CLOCK, NO_THREADS, NO_CHANCE).forEach(rule -> rule.check(CORE));
    }

    private static final ArchRule ONLY_THESE_LIBRARIES = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.wheelhouse.core..",
                    "java..",
                    "com.fasterxml.jackson..",
                    "com.networknt.schema..",
                    "org.erdtman.jcs..")
            .because("the core knows neither Kubernetes nor Quarkus nor any other way to the world");

    private static final ArchRule NO_IO = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net..", "java.nio.file..", "java.nio.channels..", "java.sql..", "javax..")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.(File|RandomAccess|Console).*")
            .because("all input and output goes through ports");

    private static final ArchRule NO_CLOCK = noClasses()
            .that()
            .doNotBelongToAnyOf(VirtualThreads.class)
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(LocalDate.class, "now")
            .orShould()
            .callMethod(LocalDateTime.class, "now")
            .orShould()
            .callMethod(OffsetDateTime.class, "now")
            .orShould()
            .callMethod(ZonedDateTime.class, "now")
            .orShould()
            .callMethod(InstantSource.class, "system")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .because("time comes through ports");

    private static final ArchRule NO_THREADS = noClasses()
            .that()
            .doNotBelongToAnyOf(VirtualThreads.class)
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "ofVirtual")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.util\\.concurrent\\.(Executor|Future|Completable|locks).*")
            .because("what happens at the same time is decided behind a port");

    private static final ArchRule NO_CHANCE = noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.util\\.(Random|random\\..*|UUID)|java\\.security\\.SecureRandom")
            .because("the same journal must give the same next step");
}
