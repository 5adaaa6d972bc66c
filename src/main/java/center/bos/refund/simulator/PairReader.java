// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulator;

import java.io.IOException;
import java.util.regex.Pattern;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Reads the two ids of a RefundOTP request, the first under either name of the API page. */
@Singleton
@Named("simulatorPairs")
public final class PairReader {
    private static final Pattern ID = Pattern.compile("\\d{1,18}");

    private final ObjectReader json = JsonMapper.builder().build().reader();

    /** Returns {@code referenceid/ackno}, or null where the body is not JSON or lacks an id. */
    public String read(@Body byte[] body) {
        if (body == null || body.length == 0) {
            return null;
        }
        try {
            JsonNode request = json.readTree(body);
            String reference = id(request, request.has("referenceid") ? "referenceid" : "RegistrationID");
            String ackno = id(request, "ackno");
            return reference == null || ackno == null ? null : reference + "/" + ackno;
        } catch (IOException notJson) {
            return null;
        }
    }

    private static String id(JsonNode request, String field) {
        JsonNode value = request.path(field);
        boolean readable = value.isIntegralNumber() || value.isTextual();
        return readable && ID.matcher(value.asText()).matches() ? value.asText() : null;
    }
}
