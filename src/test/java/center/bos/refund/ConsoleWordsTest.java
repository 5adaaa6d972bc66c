// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

/** The console, the documents and the REST interface say the same in the same words. */
class ConsoleWordsTest {
    private static final Path CONSOLE = Path.of("src/main/resources/META-INF/resources/console");

    private static List<MatchResult> found(String regex, Path file) throws IOException {
        List<MatchResult> found = Pattern.compile(regex).matcher(Files.readString(file)).results().toList();
        assertThat(found).as(file + ": " + regex).isNotEmpty();
        return found;
    }

    @Test
    void outcomesMeanWhatTheReadmeSays() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String contract = Files.readString(Path.of("src/main/resources/refund-api.yaml"));
        List<MatchResult> outcomes = found("name: '(\\w+)', field: '(\\w+)', means: '([^']*)'",
                CONSOLE.resolve("words.js"));
        assertThat(outcomes).hasSize(5).allSatisfy(outcome -> {
            assertThat(readme).contains("| `" + outcome.group(1) + "` | " + outcome.group(3));
            assertThat(contract).contains("        " + outcome.group(2) + ": {type: integer}\n");
        });
    }

    @Test
    void codesMeanWhatTheDocumentsSay() throws IOException {
        List<MatchResult> documented = found("(?m)^\\| \\d+ \\| ([\\d, ]+) \\| ([^|;]*)",
                Path.of("docs/response-codes.md"));
        for (MatchResult code : found("code: (?:'|/\\^\\()(\\d)[^,]*, means: '([^']*)'", CONSOLE.resolve("words.js"))) {
            assertThat(documented).filteredOn(row -> row.group(1).startsWith(code.group(1))).singleElement()
                    .satisfies(row -> assertThat(code.group(2).toLowerCase(Locale.ROOT))
                            .contains(row.group(2).strip().toLowerCase(Locale.ROOT)));
        }
    }

    @Test
    void viewsAreCalledAsInTheDocuments() throws IOException {
        String operations = Files.readString(Path.of("docs/operations.md"));
        for (MatchResult tab : found("tab\\('([\\w-]*)', '([^']*)'", CONSOLE.resolve("main.js"))) {
            assertThat(operations).contains("| " + tab.group(2) + " | `/" + (tab.group(1).isEmpty()
                    ? "`"
                    : "?view=" + tab.group(1)));
        }
    }
}
