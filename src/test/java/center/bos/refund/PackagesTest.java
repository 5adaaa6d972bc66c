// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import org.junit.jupiter.api.Test;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** A package is a concept: no two need each other, not even by way of a third. */
class PackagesTest {

    @Test
    void noPackageNeedsItselfByWayOfOthers() {
        JavaClasses classes = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("center.bos.refund");
        slices().matching("center.bos.refund.(*)..").should().beFreeOfCycles().check(classes);
    }
}
