// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents name is there: the target of each link, each file, each class and each test. */
class DocumentsTest {
    private static final Pattern LINK = Pattern.compile("]\\((?!http)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern FILE = Pattern
            .compile("`((?:bench|deploy|docs|examples|kamelets|parent|routes|src|\\.ci)/[\\w./-]+)`");
    private static final Pattern CLASS = Pattern.compile("`([a-z]+/[A-Z]\\w+)`");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*(?:Test|IT|Campaign))?(?:[.#]([a-z]+[A-Z]\\w*))?`");
    private static final List<Path> SOURCES = List.of(Path.of("src/main/java/center/bos/refund"),
            Path.of("kamelets/src/main/java/center/bos/refund"));

    static Stream<Path> documents() throws IOException {
        try (Stream<Path> top = Files.list(Path.of("")); Stream<Path> docs = Files.list(Path.of("docs"))) {
            return Stream.concat(top, docs).filter(file -> file.toString().endsWith(".md")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkLeadsToAFileOrAHeading(Path document) throws IOException {
        for (MatchResult link : found(LINK, document)) {
            Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1)).normalize();
            assertThat(target).exists();
            if (link.group(2) != null) {
                assertThat(headings(target)).as(target.toString()).contains(link.group(2));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyFileIsThere(Path document) throws IOException {
        for (MatchResult name : found(FILE, document)) {
            // made by the build, or a route by its id
            assertThat(List.of(name.group(1), name.group(1) + ".camel.yaml"))
                    .anyMatch(file -> file.startsWith("kamelets/target/") || Files.exists(Path.of(file)));
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyClassIsThere(Path document) throws IOException {
        for (MatchResult name : found(CLASS, document)) {
            assertThat(SOURCES).as(name.group(1))
                    .anyMatch(source -> Files.exists(source.resolve(name.group(1) + ".java")));
        }
    }

    /** A method without a class is one of the class that was named last. */
    @ParameterizedTest
    @MethodSource("documents")
    void everyTestIsThere(Path document) throws IOException {
        List<Path> last = List.of();
        for (MatchResult test : found(TEST, document)) {
            if (test.group(1) != null) {
                last = tests(test.group(1));
                assertThat(last).as(test.group(1)).isNotEmpty();
            }
            if (test.group(2) != null && !last.isEmpty()) {
                assertThat(last).anyMatch(file -> contentOf(file.toFile()).contains(" " + test.group(2) + "("));
            }
        }
    }

    /** The files that a document links to. */
    static Stream<Path> linked(Path document) throws IOException {
        return found(LINK, document).stream().map(link -> link.group(1)).filter(name -> !name.isEmpty())
                .map(name -> document.resolveSibling(name).normalize());
    }

    private static List<Path> tests(String name) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return files.filter(file -> file.endsWith(name + ".java")).toList();
        }
    }

    private static List<MatchResult> found(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file)).results().toList();
    }

    /** As GitHub makes anchors of them. */
    private static List<String> headings(Path file) throws IOException {
        return Files.readAllLines(file).stream().filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
