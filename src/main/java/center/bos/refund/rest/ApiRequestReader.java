// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConstants;
import org.apache.camel.component.rest.openapi.DefaultRestOpenapiProcessorStrategy;
import org.apache.camel.support.processor.RestBindingAdvice;
import org.apache.commons.codec.digest.DigestUtils;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.networknt.schema.ValidationMessage;

import center.bos.refund.access.NodeLogins;
import center.bos.refund.problem.Violation;
import center.bos.refund.rest.Contract.Operation;
import center.bos.refund.rest.Contract.Parameter;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.swagger.v3.oas.models.OpenAPI;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;

/**
 * Reads each request as an {@link ApiRequest} for the route of its operation, and refuses one that violates the contract, with
 * every violation.
 */
@Singleton
@Named("apiRequestReader")
class ApiRequestReader extends DefaultRestOpenapiProcessorStrategy {
    static final String JSON = "application/json";
    static final String KEY = "Idempotency-Key";
    private static final List<String> IDS = List.of("referenceid", "ackno");
    private static final List<String> ROLES = List.of("submit", "view");
    private static final Pattern CHARSET = Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([^\\s;\"]*)");
    private static final Set<String> UTF_8 = Set.of("utf-8", "utf8", "us-ascii");
    private static final int LARGEST_JSON = 1024 * 1024;
    private static final int MOST_VIOLATIONS = 100;
    private static final String NOT_HEX = "holds a percent sign without two hex digits";

    private final Contract contract;
    private final Reception reception;

    ApiRequestReader(CamelContext camel, Contract contract, Reception reception) {
        setCamelContext(camel);
        this.contract = contract;
        this.reception = reception;
    }

    @Override
    public boolean process(OpenAPI api, io.swagger.v3.oas.models.Operation operation, String method, String path,
            RestBindingAdvice binding, Exchange exchange, AsyncCallback callback) {
        try {
            Message message = exchange.getMessage();
            ApiRequest request = read(operation.getOperationId(), message.getBody(HttpServerRequest.class),
                    message.getHeaders());
            message.removeHeaders("*");
            message.setBody(request);
        } catch (IOException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        return super.process(api, operation, method, path, binding, exchange, callback);
    }

    private ApiRequest read(String id, HttpServerRequest http, Map<String, Object> headers) throws IOException {
        Operation operation = contract.operation(id);
        List<Violation> violations = new ArrayList<>();
        Map<String, JsonNode> parameters = parameters(operation, http, headers, violations);
        Optional<String> key = idempotencyKey(operation, http, violations);
        String mediaType = mediaType(operation, http);
        // an operation that takes other types as well reads the body itself, as it goes to the disk
        boolean reads = operation.bodies().keySet().equals(Set.of(JSON));
        Optional<SecurityIdentity> login = login(headers);
        Optional<String> signed = login.map(caller -> caller.<String>getAttribute(NodeLogins.BODY));
        if (signed.isPresent() && !reads && !operation.bodies().isEmpty()) {
            throw new Refusal(403, "no node takes this for another");
        }
        JsonNode json = reads ? json(operation, http, signed, violations) : null;
        if (!violations.isEmpty()) {
            throw new Refusal(violations.subList(0, Math.min(violations.size(), MOST_VIOLATIONS)));
        }
        String caller = login.map(who -> who.getPrincipal().getName()).orElse(ApiRequest.ANONYMOUS);
        // nobody gets here without a login but where none is configured, and then may do all
        List<String> roles = ROLES.stream().filter(role -> login.map(who -> who.hasRole(role)).orElse(true)).toList();
        return new ApiRequest(id, caller, roles, parameters, key, mediaType, json, http);
    }

    private static Optional<SecurityIdentity> login(Map<String, Object> headers) {
        return headers.get(VertxPlatformHttpConstants.AUTHENTICATED_USER) instanceof QuarkusHttpUser user
                ? Optional.of(user.getSecurityIdentity()).filter(identity -> !identity.isAnonymous())
                : Optional.empty();
    }

    private static Map<String, JsonNode> parameters(Operation operation, HttpServerRequest http,
            Map<String, Object> headers, List<Violation> violations) {
        Map<String, JsonNode> parameters = new HashMap<>();
        MultiMap query;
        try {
            query = http.params(true);
        } catch (IllegalArgumentException e) {
            violations.add(new Violation("query", NOT_HEX));
            return parameters;
        }
        for (Parameter parameter : operation.parameters().values()) {
            if (parameter.standard() != null) {
                parameters.put(parameter.name(), parameter.standard());
            }
            if (parameter.required() && parameter.in().equals("query") && !query.contains(parameter.name())) {
                violations.add(new Violation("query." + parameter.name(), "is required"));
            }
            if (parameter.in().equals("path")) {
                try {
                    String value = String.valueOf(headers.get(parameter.name())).replace("+", "%2B");
                    put(parameter, URLDecoder.decode(value, StandardCharsets.UTF_8), parameters, violations);
                } catch (IllegalArgumentException e) {
                    violations.add(new Violation("path", NOT_HEX));
                }
            }
        }
        for (String name : query.names()) {
            Parameter parameter = operation.parameters().get(name);
            if (parameter == null || !parameter.in().equals("query")) {
                violations.add(Violation.unknown("query", "a parameter that this operation does not take", name));
            } else if (query.getAll(name).size() > 1) {
                violations.add(new Violation("query." + name, "is given more than once"));
            } else {
                put(parameter, query.get(name), parameters, violations);
            }
        }
        return parameters;
    }

    private static void put(Parameter parameter, String value, Map<String, JsonNode> parameters,
            List<Violation> violations) {
        JsonNode typed = typed(parameter.type(), value);
        String where = parameter.in() + "." + parameter.name();
        for (ValidationMessage message : parameter.schema().validate(typed)) {
            violations.add(violation(where, message));
        }
        if (IDS.contains(parameter.name())) {
            checkId(where, parameter.name(), typed, violations);
        }
        parameters.put(parameter.name(), typed);
    }

    /** The schema check accepts 127.0 as an integer, and a line break after digits; this one does not. */
    private static void checkId(String where, String name, JsonNode id, List<Violation> violations) {
        if (violations.stream().anyMatch(violation -> violation.where().equals(where))) {
            return;
        }
        Violation.ofId(where, name, id.isTextual() || id.isIntegralNumber() ? id.asText() : null)
                .ifPresent(violations::add);
    }

    private static JsonNode typed(String type, String value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (type.equals("integer") && value.matches("-?[0-9]{1,18}")) {
            return nodes.numberNode(Long.parseLong(value));
        }
        if (type.equals("boolean") && value.matches("true|false")) {
            return nodes.booleanNode(value.equals("true"));
        }
        return nodes.textNode(value);
    }

    private static Optional<String> idempotencyKey(Operation operation, HttpServerRequest http,
            List<Violation> violations) {
        Parameter parameter = operation.parameters().get(KEY);
        List<String> values = parameter == null ? List.of() : http.headers().getAll(KEY);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        boolean fits = values.size() == 1
                && parameter.schema().validate(JsonNodeFactory.instance.textNode(values.get(0))).isEmpty();
        if (!fits) {
            violations.add(new Violation("header." + KEY, "must be one key of 1 to 128 visible ASCII characters"));
        }
        return Optional.of(values.get(0));
    }

    private static String mediaType(Operation operation, HttpServerRequest http) throws Refusal {
        if (operation.bodies().isEmpty()) {
            return "";
        }
        List<String> values = http.headers().getAll("Content-Type");
        String value = values.size() == 1 ? values.get(0) : "";
        String mediaType = value.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
        if (!operation.bodies().containsKey(mediaType)) {
            throw new Refusal(415, "send " + String.join(" or ", operation.bodies().keySet()));
        }
        Matcher charset = CHARSET.matcher(value);
        if (charset.find() && !UTF_8.contains(charset.group(1).toLowerCase(Locale.ROOT))) {
            throw new Refusal(415, "send the body as UTF-8");
        }
        String encoding = http.getHeader("Content-Encoding");
        if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
            throw new Refusal(415, "send the body without a Content-Encoding");
        }
        return mediaType;
    }

    private JsonNode json(Operation operation, HttpServerRequest http, Optional<String> signed,
            List<Violation> violations) throws IOException {
        byte[] body = new BodyStream(http, LARGEST_JSON, reception).readAllBytes();
        if (signed.filter(digest -> !digest.equals(DigestUtils.sha256Hex(body))).isPresent()) {
            throw new Refusal(403, "this is not the body that the node signed");
        }
        Optional<JsonNode> json = StrictJson.read(body, violations);
        json.ifPresent(node -> {
            for (ValidationMessage message : operation.bodies().get(JSON).validate(node)) {
                if (message.getType().equals("required") && message.getEvaluationPath().toString().contains("oneOf")) {
                    continue; // a choice that was not made: the oneOf itself says it
                }
                violations.add(violation("body" + message.getInstanceLocation().toString().substring(1), message));
            }
            for (String name : IDS) {
                if (node.has(name)) {
                    checkId("body." + name, name, node.get(name), violations);
                }
            }
        });
        return json.orElse(null);
    }

    /** What is wrong, without the value. */
    private static Violation violation(String where, ValidationMessage message) {
        return switch (message.getType()) {
            case "pattern" -> new Violation(where, "must fit the pattern " + message.getArguments()[0]);
            case "additionalProperties", "unevaluatedProperties" ->
                Violation.unknown(where, Violation.FIELD, message.getProperty());
            case "enum" -> new Violation(where, "must be one of the values that the contract names");
            case "oneOf" -> new Violation(where, "must hold exactly one of " + message.getSchemaNode()
                    .findValues("required").stream().map(required -> required.path(0).asText())
                    .collect(Collectors.joining(", ")) + ", and only what goes with it");
            case "const" -> new Violation(where, "must be the value that the contract names");
            case "false" -> new Violation(where, "does not go with the other fields");
            default -> new Violation(where, message.getMessage().replaceFirst("^\\S*: ", ""));
        };
    }
}
