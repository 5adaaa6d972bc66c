package center.bos.refund.rest;

import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

import io.vertx.core.http.HttpServerRequest;

/**
 * A request that fits the contract.
 *
 * @param operation its operation id
 * @param caller who asks
 * @param parameters path and query parameters, of the types that the contract gives them
 * @param idempotencyKey the caller's key
 * @param mediaType media type of the body, or empty
 * @param json the body where it is small and JSON, else null
 * @param http the request itself, with the body where it was not read
 */
record ApiRequest(String operation, String caller, Map<String, JsonNode> parameters, Optional<String> idempotencyKey,
        String mediaType, JsonNode json, HttpServerRequest http) {

    String text(String parameter) {
        return parameters.get(parameter).asText();
    }

    Optional<String> optional(String parameter) {
        return Optional.ofNullable(parameters.get(parameter)).map(JsonNode::asText);
    }

    int number(String parameter) {
        return parameters.get(parameter).asInt();
    }

    boolean again() {
        return parameters.get("again").asBoolean();
    }
}
