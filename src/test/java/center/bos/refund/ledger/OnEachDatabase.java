// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

import center.bos.refund.ledger.LedgerNodes.Database;

/** A test that runs once on each database; its parameter is a node on an empty ledger there, or the {@link LedgerNodes}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(OnEachDatabase.Runs.class)
@interface OnEachDatabase {
    /** The databases, all of them where none is named. */
    Database[] value() default {Database.FILE, Database.OLDEST, Database.NEWEST};

    /** One run for each. */
    final class Runs implements TestTemplateInvocationContextProvider {
        @Override
        public boolean supportsTestTemplate(ExtensionContext test) {
            return true;
        }

        @Override
        public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext test) {
            return Arrays.stream(test.getRequiredTestMethod().getAnnotation(OnEachDatabase.class).value())
                    .map(Run::new);
        }
    }

    /** The run on one of them. */
    record Run(Database database) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int number) {
            return database.name();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new LedgerNodes(database));
        }
    }
}
