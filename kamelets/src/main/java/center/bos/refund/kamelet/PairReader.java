// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.kamelet;

import java.util.Map;

import org.apache.camel.Exchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import center.bos.refund.model.IdRule;
import center.bos.refund.model.Pair;

/** Reads {@code referenceid} and {@code ackno} from a body: a map, or JSON as text, bytes or a stream. */
final class PairReader {
    private static final String REFERENCE = "referenceid";
    private static final String ACKNO = "ackno";

    /** Refuses a second value and a field that comes twice: such a body would be read in part. */
    private static final ObjectMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private PairReader() {
    }

    /**
     * The pair as given, with leading zeros.
     *
     * @throws IllegalArgumentException if there is none; the message says why, and repeats no id
     */
    static Pair read(Exchange exchange) {
        JsonNode fields = fields(exchange);
        return new Pair(id(fields, REFERENCE), id(fields, ACKNO));
    }

    private static JsonNode fields(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map<?, ?> map) {
            return JSON.valueToTree(map);
        }
        String text = exchange.getMessage().getBody(String.class);
        try {
            JsonNode node = text == null ? null : JSON.readTree(text);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            // said below, without the parser's excerpt, which may hold an id
        }
        throw new IllegalArgumentException("the body is not one JSON object with referenceid and ackno");
    }

    private static String id(JsonNode fields, String name) {
        JsonNode field = fields.path(name);
        String id = field.isTextual() || field.isIntegralNumber() ? field.asText() : "";
        String rejection = IdRule.rejection(name, id);
        if (rejection != null) {
            throw new IllegalArgumentException(rejection);
        }
        return id;
    }
}
