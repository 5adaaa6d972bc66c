// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A YAML file as the engines read it: several documents, with anchors and merges, and no key twice. */
final class YamlFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private YamlFile() {
    }

    static List<JsonNode> documents(Path file) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try {
            Iterable<Object> documents = new Yaml(new SafeConstructor(options)).loadAll(Files.readString(file));
            return StreamSupport.stream(documents.spliterator(), false)
                    .map(document -> JSON.<JsonNode>valueToTree(document))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode document(Path file) {
        List<JsonNode> documents = documents(file);
        if (documents.size() != 1) {
            throw new IllegalArgumentException(file + " has " + documents.size() + " documents");
        }
        return documents.get(0);
    }

    /** The YAML files of a folder, sorted. */
    static List<Path> in(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
