// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Kamelets have the form of Apache's catalogue, and each check can fail. */
class KameletsTest {
    private static final Path FOLDER = Path.of("kamelets/src/main/resources/kamelets");
    private static List<KameletFile> files;

    @BeforeAll
    static void read() throws IOException {
        files = new ArrayList<>();
        try (var paths = Files.list(FOLDER)) {
            for (Path path : paths.sorted().toList()) {
                files.add(KameletFile.of(path.getFileName().toString(), Files.readString(path)));
            }
        }
    }

    @Test
    void eachHasTheCataloguesForm() {
        assertThat(files).extracting(KameletFile::name).containsExactly("bos-refund-otp-action.kamelet.yaml",
                "bos-refund-outcome-source.kamelet.yaml", "bos-refund-sink.kamelet.yaml",
                "bos-token-action.kamelet.yaml");
        assertThat(files).flatMap(KameletFile::problems).isEmpty();
    }

    @Test
    void eachIsWrittenInTheCanonicalForm() {
        assertThat(files).map(KameletFile::route).flatMap(RouteSchema.ofCamel()::problems).isEmpty();
        assertThat(files).map(KameletFile::route).flatMap(RouteSchema.canonical()::problems).isEmpty();
    }

    @Test
    void theDefaultsAreTheBundles() throws IOException {
        Properties defaults = new Properties();
        defaults.load(new StringReader(Files.readString(Path.of("application.properties"))));
        assertThat(files).flatMap(file -> file.defaultsByKey().entrySet())
                .allSatisfy(key -> assertThat(key.getValue()).as(key.getKey())
                        .isEqualTo(defaults.getProperty(key.getKey())));
    }

    @Test
    void theTitleOfTheCallSaysWhatItDoesNotPromise() {
        assertThat(files.get(0).definition().path("title").asText()).contains("without the ledger not at most once");
    }

    // from here on: the checks themselves

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "name: bos-refund-sink | name: bos-refund-sinc | not named",
            "kamelet.type: \"sink\" | kamelet.type: \"action\" | end with the type",
            "camel.apache.org/provider | camel.apache.org/from | no provider",
            "title: \"BOS Refund Sink\" | title: \"Refunds\" | title",
            "title: Username | titel: Username | username has no title",
            "Who calls, where the service asks for a login. | Who calls | sentence",
            "type: string | type: text | type",
            "format: password | format: text | password",
            "urn:camel:group:credentials | urn:camel:group:common | credential",
            "{{serviceUrl}} | {{serviceUri}} | serviceUri is used and not declared",
            "{{serviceUrl}} | http://elsewhere | serviceUrl is declared and not used",
            "{{?username}} | {{username}} | as if it always",
            "default: 40s | default: 40 | another type"})
    void seesAKameletThatIsNot(String right, String wrong, String problem) throws IOException {
        String text = Files.readString(FOLDER.resolve("bos-refund-sink.kamelet.yaml"));
        assertThat(text).contains(right);

        assertThat(KameletFile.of("bos-refund-sink.kamelet.yaml", text.replace(right, wrong)).problems())
                .anySatisfy(found -> assertThat(found).contains(problem));
    }
}
