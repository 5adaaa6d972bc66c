// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.kamelet.BosKamelet;

/** A Kamelet, and in what it is not as those of Apache's catalogue. */
record KameletFile(String name, RouteFile yaml) {
    static final String SUFFIX = ".kamelet.yaml";

    private static final List<String> ANNOTATIONS = List.of("kamelet.support.level", "catalog.version", "provider",
            "kamelet.group", "kamelet.namespace", "kamelet.icon");
    private static final String ICON = "data:image/svg+xml;base64,";
    private static final Pattern TITLE = Pattern.compile("[A-Z].* (Source|Sink|Action)( \\(.*\\))?");
    private static final Pattern PARAMETER = Pattern.compile("[a-z][A-Za-z0-9]*");
    private static final Pattern USE = Pattern.compile("\\{\\{(\\?)?([A-Za-z0-9]+)\\}\\}");
    private static final Pattern CREDENTIAL = Pattern.compile("(?i)username|clientId|publicKey");
    private static final Pattern SECRET = Pattern.compile("(?i).*(secret|password)|token");
    private static final Set<String> TYPES = Set.of("string", "integer", "boolean");

    static KameletFile of(String fileName, String text) {
        return new KameletFile(fileName, RouteFile.of(fileName, text));
    }

    JsonNode definition() {
        return yaml.tree().path("spec").path("definition");
    }

    JsonNode template() {
        return yaml.tree().path("spec").path("template");
    }

    /** The steps as a route, for a check of their form. */
    RouteFile route() {
        return RouteFile.of(name,
                "[{route: {id: sample, description: sample, from: " + template().path("from") + "}}]");
    }

    /** The keys of the bundle that parameters without another value stand for, with their defaults. */
    TreeMap<String, String> defaultsByKey() {
        TreeMap<String, String> defaults = new TreeMap<>();
        template().path("beans").forEach(bean -> bean.path("properties").fields().forEachRemaining(property -> {
            var key = Pattern.compile("settings\\[(.*)\\]").matcher(property.getKey());
            var use = USE.matcher(property.getValue().asText());
            if (key.matches() && use.matches()) {
                JsonNode value = definition().path("properties").path(use.group(2)).path("default");
                defaults.put(BosKamelet.keys().get(key.group(1)), value.isMissingNode() ? null : value.asText());
            }
        }));
        return defaults;
    }

    List<String> problems() {
        List<String> problems = new ArrayList<>();
        Consumer<String> wrong = what -> problems.add(name + ": " + what);
        JsonNode metadata = yaml.tree().path("metadata");
        String kamelet = metadata.path("name").asText();
        String type = metadata.path("labels").path("camel.apache.org/kamelet.type").asText();
        if (!name.equals(kamelet + SUFFIX)) {
            wrong.accept("the file is not named as the Kamelet");
        }
        if (!Set.of("source", "sink", "action").contains(type) || !kamelet.endsWith("-" + type)) {
            wrong.accept("the name does not end with the type");
        }
        if (!yaml.tree().path("kind").asText().equals("Kamelet")
                || !yaml.tree().path("apiVersion").asText().equals("camel.apache.org/v1")) {
            wrong.accept("it is no Kamelet of camel.apache.org/v1");
        }
        for (String annotation : ANNOTATIONS) {
            if (metadata.path("annotations").path("camel.apache.org/" + annotation).asText().isBlank()) {
                wrong.accept("it has no " + annotation);
            }
        }
        String icon = metadata.path("annotations").path("camel.apache.org/kamelet.icon").asText();
        if (!icon.startsWith(ICON) || !new String(Base64.getDecoder().decode(icon.substring(ICON.length())),
                StandardCharsets.UTF_8).startsWith("<svg")) {
            wrong.accept("its icon is no SVG");
        }
        if (!TITLE.matcher(definition().path("title").asText()).matches()) {
            wrong.accept("its title does not end with its type");
        }
        if (definition().path("description").asText().isBlank()
                || !definition().path("type").asText().equals("object")) {
            wrong.accept("its definition has no description, or is no object");
        }
        if (!dependencies().contains("camel:kamelet")) {
            wrong.accept("it does not name camel:kamelet among its dependencies");
        }
        parameters(wrong);
        uses(wrong);
        return problems;
    }

    private List<String> dependencies() {
        return StreamSupport.stream(yaml.tree().path("spec").path("dependencies").spliterator(), false)
                .map(JsonNode::asText).toList();
    }

    private void parameters(Consumer<String> wrong) {
        definition().path("properties").fields().forEachRemaining(parameter -> {
            String key = parameter.getKey();
            JsonNode said = parameter.getValue();
            if (!PARAMETER.matcher(key).matches()) {
                wrong.accept(key + " is not in camel case");
            }
            if (said.path("title").asText().isBlank() || !said.path("description").asText().endsWith(".")) {
                wrong.accept(key + " has no title, or no sentence that describes it");
            }
            if (!TYPES.contains(said.path("type").asText())) {
                wrong.accept(key + " has no type");
            }
            JsonNode value = said.path("default");
            if (!value.isMissingNode() && value.isTextual() != said.path("type").asText().equals("string")) {
                wrong.accept(key + " has a default of another type");
            }
            boolean secret = SECRET.matcher(key).matches();
            if (secret != said.path("format").asText().equals("password")) {
                wrong.accept(key + " is a secret and not marked as a password, or the other way round");
            }
            if ((secret || CREDENTIAL.matcher(key).matches()) != said.path("x-descriptors").toString()
                    .contains("urn:camel:group:credentials")) {
                wrong.accept(key + " is a credential and not marked as one, or the other way round");
            }
        });
    }

    private void uses(Consumer<String> wrong) {
        Set<String> declared = new LinkedHashSet<>();
        definition().path("properties").fieldNames().forEachRemaining(declared::add);
        Set<String> required = new LinkedHashSet<>();
        definition().path("required").forEach(key -> required.add(key.asText()));
        Set<String> beans = new LinkedHashSet<>();
        template().path("beans").forEach(bean -> beans.add(bean.path("name").asText()));
        Set<String> unused = new LinkedHashSet<>(declared);
        USE.matcher(template().toString()).results().forEach(use -> {
            String key = use.group(2);
            unused.remove(key);
            if (beans.contains(key)) {
                return;
            }
            if (!declared.contains(key)) {
                wrong.accept(key + " is used and not declared");
            }
            boolean value = required.contains(key) || definition().path("properties").path(key).has("default");
            if (use.group(1) == null && !value) {
                wrong.accept(key + " is used as if it always had a value");
            }
        });
        unused.forEach(key -> wrong.accept(key + " is declared and not used"));
        required.stream().filter(key -> !declared.contains(key))
                .forEach(key -> wrong.accept(key + " is required and not declared"));
        required.stream().filter(key -> definition().path("properties").path(key).has("default"))
                .forEach(key -> wrong.accept(key + " is required and has a default"));
    }
}
