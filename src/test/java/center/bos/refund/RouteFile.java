// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;

/** One file of routes, read as plain data: comments are gone, so that what they mention does not count as used. */
record RouteFile(String name, List<String> lines, JsonNode tree) {

    static final String SUFFIX = ".camel.yaml";

    /** What an author writes under these is the endpoint's or the bean's own, and no part of the route language. */
    private static final Set<String> FOREIGN = Set.of("parameters", "properties", "constructors");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory())
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    /** A field and its value on one line, {@code - to: {uri: …}}. */
    private static final Pattern FLOW = Pattern.compile(" *(- )?\\w+: \\{.*");
    private static final int LONGEST_FLOW = 120;

    /** {@code {{key}}}, {@code {{key:default}}}, {@code {{?key}}}, {@code {{!key}}}, and simple's own form. */
    private static final Pattern PLACEHOLDER = Pattern.compile("(?:\\{\\{\\s*[?!]?|\\$\\{properties:)([^{}:?\\s]+)");

    static RouteFile of(String name, String yaml) {
        try {
            return new RouteFile(name, yaml.lines().toList(), YAML.readTree(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": " + e.getMessage(), e);
        }
    }

    /** Every route file below a folder, by path. */
    static List<RouteFile> below(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<RouteFile> files = new ArrayList<>();
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
                files.add(of(path.toString(), Files.readString(path)));
            }
        }
        return files;
    }

    /** The file's name without folders and {@code .camel.yaml}. */
    String baseName() {
        String fileName = Path.of(name).getFileName().toString();
        return fileName.endsWith(SUFFIX) ? fileName.substring(0, fileName.length() - SUFFIX.length()) : fileName;
    }

    /** The lines that would be read more easily in block style. */
    List<String> longFlows() {
        return IntStream.range(0, lines.size())
                .filter(i -> lines.get(i).length() > LONGEST_FLOW && FLOW.matcher(lines.get(i)).matches())
                .mapToObj(i -> name + ":" + (i + 1) + ": longer than " + LONGEST_FLOW + " characters").toList();
    }

    /** The values of the top-level elements of one kind, such as {@code route}, in the file's order. */
    List<JsonNode> elements(String kind) {
        List<JsonNode> found = new ArrayList<>();
        tree.forEach(item -> {
            if (item.has(kind)) {
                found.add(item.get(kind));
            }
        });
        return found;
    }

    /** The settings that the routes take from {@code application.properties}. */
    Set<String> placeholders() {
        Set<String> keys = new LinkedHashSet<>();
        collectPlaceholders(tree, keys);
        return keys;
    }

    private static void collectPlaceholders(JsonNode node, Set<String> keys) {
        if (node.isTextual()) {
            PLACEHOLDER.matcher(node.asText()).results().forEach(match -> keys.add(match.group(1)));
        }
        node.forEach(child -> collectPlaceholders(child, keys));
    }

    /** Hands over each field of the route language with its value, depth first. */
    void eachField(BiConsumer<String, JsonNode> visitor) {
        visit(tree, visitor);
    }

    private static void visit(JsonNode node, BiConsumer<String, JsonNode> visitor) {
        if (node.isArray()) {
            node.forEach(item -> visit(item, visitor));
        }
        node.properties().forEach(field -> {
            visitor.accept(field.getKey(), field.getValue());
            if (!FOREIGN.contains(field.getKey())) {
                visit(field.getValue(), visitor);
            }
        });
    }
}
