// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SpecVersion;

/** The YAML route language as Camel's own schema has it, whole or without the deprecated short forms. */
final class RouteSchema {

    private static final String EXPRESSION = "#/items/definitions/org.apache.camel.model.language.ExpressionDefinition";

    /** One mistake makes many messages where the schema offers a choice; the first few name the place. */
    private static final int MESSAGES = 5;

    private final String name;
    private final JsonSchema schema;

    private RouteSchema(String name, JsonNode schema) {
        this.name = name;
        // Camel marks what is deprecated, a word that draft 4 does not have
        JsonMetaSchema draft4 = JsonMetaSchema.builder(JsonMetaSchema.getV4())
                .keyword(new NonValidationKeyword("deprecated")).build();
        this.schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4, factory -> factory.metaSchema(draft4))
                .getSchema(schema);
    }

    /** What Camel accepts, short forms included. */
    static RouteSchema ofCamel() {
        return new RouteSchema("Camel's schema", load());
    }

    /** What is left of {@link #ofCamel()} when each node and each expression has one way to be written. */
    static RouteSchema canonical() {
        JsonNode schema = load();
        removeShortForms(schema);
        return new RouteSchema("canonical YAML", schema);
    }

    List<String> problems(RouteFile file) {
        return schema.validate(file.tree()).stream().limit(MESSAGES)
                .map(message -> file.name() + ": not " + name + ": " + message.getMessage()).toList();
    }

    private static JsonNode load() {
        try (InputStream in = RouteSchema.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Takes two things out of every choice: the string beside an object ({@code to: "uri"}), and the expression that
     * stands in its owner instead of under {@code expression}.
     */
    private static void removeShortForms(JsonNode node) {
        if (node.path("oneOf") instanceof ArrayNode choice) {
            if (choice.size() == 2 && type(choice, 0).equals("string") && type(choice, 1).equals("object")) {
                choice.remove(0);
            }
            choice.removeIf(option -> option.path("$ref").asText().equals(EXPRESSION));
        }
        node.forEach(RouteSchema::removeShortForms);
    }

    private static String type(ArrayNode choice, int option) {
        return choice.get(option).path("type").asText();
    }
}
