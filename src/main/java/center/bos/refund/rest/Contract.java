// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;

/** The contract {@code refund-api.yaml}: parameters and bodies of each operation. */
@ApplicationScoped
class Contract {
    private static final String FILE = "refund-api.yaml";

    private final Map<String, Operation> operations = new HashMap<>();
    private final Set<String> roots = new LinkedHashSet<>();
    private final Set<String> methods = new HashSet<>();
    private JsonNode document;
    private final JsonSchemaFactory schemas = JsonSchemaFactory.getInstance(VersionFlag.V202012);
    /** In a pattern of Java, unlike one of the contract, {@code $} also stands before a line break at the end. */
    private final SchemaValidatorsConfig patterns = SchemaValidatorsConfig.builder().pathType(PathType.LEGACY)
            .regularExpressionFactory(
                    regex -> Pattern.compile(regex.replaceFirst("\\$$", "\\\\z")).asPredicate()::test)
            .build();

    /**
     * Parameters and bodies of one operation.
     *
     * @param bodies schema of the body by media type; empty when it takes none
     */
    record Operation(Map<String, Parameter> parameters, Map<String, JsonSchema> bodies) {
    }

    /**
     * A parameter of an operation.
     *
     * @param in path, query or header
     * @param required whether it must be given
     * @param standard its default, or null
     */
    record Parameter(String name, String in, String type, boolean required, JsonNode standard, JsonSchema schema) {
    }

    /** Read at first use; commands never use it. */
    @PostConstruct
    void read() {
        try (InputStream yaml = Contract.class.getClassLoader().getResourceAsStream(FILE)) {
            document = new ObjectMapper(new YAMLFactory()).readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            roots.add(path.getKey().replaceFirst("^(/[^/]+).*", "$1"));
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                JsonNode operation = method.getValue();
                if (operation.has("operationId")) {
                    methods.add(method.getKey().toUpperCase(Locale.ROOT));
                    operations.put(operation.get("operationId").asText(), operation(path.getValue(), operation));
                }
            }
        }
    }

    /** The paths with the ids of their operations, which is all that Camel needs; with the schemas its parser takes long. */
    @Produces
    @Named("contractOperations")
    String operations() {
        ObjectNode whole = document.deepCopy();
        whole.retain("openapi", "info", "paths");
        for (JsonNode path : whole.get("paths")) {
            ((ObjectNode) path).remove("parameters");
            path.forEach(operation -> ((ObjectNode) operation).retain("operationId"));
        }
        return whole.toString();
    }

    Operation operation(String id) {
        return operations.get(id);
    }

    /** The first segments of the paths, with their slashes. */
    Set<String> roots() {
        return roots;
    }

    /** Whether a request for that path is for one of its operations. */
    boolean isOf(String path) {
        return roots.stream().anyMatch(path::startsWith);
    }

    Set<String> methods() {
        return methods;
    }

    private Operation operation(JsonNode path, JsonNode operation) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        List<JsonNode> declared = new ArrayList<>();
        path.path("parameters").forEach(declared::add);
        operation.path("parameters").forEach(declared::add);
        for (JsonNode reference : declared) {
            JsonNode parameter = resolved(reference);
            JsonNode schema = resolved(parameter.get("schema"));
            parameters.put(parameter.get("name").asText(),
                    new Parameter(parameter.get("name").asText(), parameter.get("in").asText(),
                            schema.path("type").asText(), parameter.path("required").asBoolean(), schema.get("default"),
                            compiled(schema)));
        }
        Map<String, JsonSchema> bodies = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> content : operation.path("requestBody").path("content").properties()) {
            bodies.put(content.getKey(), compiled(content.getValue().get("schema")));
        }
        return new Operation(parameters, bodies);
    }

    /** The schema, with the document's own ones at hand under the name by which the document refers to them. */
    private JsonSchema compiled(JsonNode schema) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", document.get("components"));
        return schemas.getSchema(whole, patterns);
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }
}
