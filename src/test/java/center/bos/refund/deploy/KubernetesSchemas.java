// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;

/**
 * Kubernetes' JSON schemas as fabric8 publishes them, made strict: what a definition does not name is a mistake, a type's
 * {@code apiVersion} and {@code kind} are what they are, and quantities and ports take what the API takes.
 */
final class KubernetesSchemas {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MESSAGES = 5;

    private final List<ObjectNode> definitions = new ArrayList<>();

    /** Reads what the build has unpacked into that folder. */
    static KubernetesSchemas in(Path folder) {
        KubernetesSchemas schemas = new KubernetesSchemas();
        for (String model : List.of("core", "apps", "networking", "policy")) {
            try {
                ObjectNode definitions = (ObjectNode) JSON
                        .readTree(folder.resolve(model).resolve("schema/kube-schema.json").toFile()).get("definitions");
                definitions.properties().forEach(definition -> makeStrict(definition.getKey(), definition.getValue()));
                schemas.definitions.add(definitions);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return schemas;
    }

    /** What is wrong with an object; empty when nothing is. */
    List<String> problems(JsonNode object) {
        String kind = object.path("apiVersion").asText() + " " + object.path("kind").asText();
        for (ObjectNode candidates : definitions) {
            for (var definition : candidates.properties()) {
                if (kind.equals(kind(definition.getValue()))) {
                    ObjectNode schema = JSON.createObjectNode().put("$ref", "#/definitions/" + definition.getKey());
                    schema.set("definitions", candidates);
                    Set<?> problems = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema)
                            .validate(object);
                    return problems.stream().limit(MESSAGES).map(Object::toString).toList();
                }
            }
        }
        return List.of("no schema for " + kind);
    }

    private static String kind(JsonNode definition) {
        JsonNode properties = definition.path("properties");
        return properties.at("/apiVersion/const").asText() + " " + properties.at("/kind/const").asText();
    }

    private static void makeStrict(String name, JsonNode definition) {
        ObjectNode node = (ObjectNode) definition;
        if (name.endsWith("_IntOrString")) {
            node.removeAll().putArray("type").add("integer").add("string");
        } else if (name.endsWith("_Quantity")) {
            node.removeAll().putArray("type").add("number").add("string");
        } else if (node.path("properties") instanceof ObjectNode properties && !properties.isEmpty()) {
            node.put("additionalProperties", false);
            for (var property : properties.properties()) {
                // draft 3's word for it; an object's apiVersion and kind are meant, and a template may leave them out
                if (((ObjectNode) property.getValue()).remove("required") != null) {
                    ((ObjectNode) property.getValue()).set("const", property.getValue().get("default"));
                }
            }
        }
    }
}
