// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

import io.vertx.core.http.HttpServerRequest;

/**
 * A request that fits the contract.
 *
 * @param operation its operation id
 * @param caller who asks
 * @param roles what the caller may do: {@code submit}, {@code view}
 * @param parameters path and query parameters, of the types that the contract gives them
 * @param idempotencyKey the caller's key
 * @param mediaType media type of the body, or empty
 * @param json the body where the operation takes nothing but JSON, else null
 * @param http the request itself, with the body where it was not read
 */
record ApiRequest(String operation, String caller, List<String> roles, Map<String, JsonNode> parameters,
        Optional<String> idempotencyKey,
        String mediaType, JsonNode json, HttpServerRequest http) {
    static final String ANONYMOUS = "anonymous";

    /** The same under a key. */
    ApiRequest under(String key) {
        return new ApiRequest(operation, caller, roles, parameters, Optional.of(key), mediaType, json, http);
    }

    /** Whether no login says who asks. */
    boolean isAnonymous() {
        return caller.equals(ANONYMOUS);
    }

    String text(String parameter) {
        return parameters.get(parameter).asText();
    }

    Optional<String> optional(String parameter) {
        return Optional.ofNullable(parameters.get(parameter)).map(JsonNode::asText);
    }

    boolean again() {
        return parameters.containsKey("again") && parameters.get("again").asBoolean();
    }

    int limit() {
        return parameters.get("limit").asInt();
    }

    int offset() {
        return parameters.get("offset").asInt();
    }

    /** The entries of the page that is asked for, of those found with one more than {@link #limit}. */
    <T> List<T> page(List<T> found) {
        return found.subList(0, Math.min(limit(), found.size()));
    }

    /** The path of the next page, or null on the last. */
    String next(List<?> found, String path) {
        return found.size() > limit() ? path + "limit=" + limit() + "&offset=" + (offset() + limit()) : null;
    }
}
