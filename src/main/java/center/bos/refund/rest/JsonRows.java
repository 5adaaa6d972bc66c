// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;

import center.bos.refund.problem.Violation;

/**
 * A JSON array of pairs, read piece by piece and written as a CSV file. Programs write JSON, so one invalid pair refuses the whole
 * array; a CSV file loses only the row.
 */
final class JsonRows {
    private static final int MOST_VIOLATIONS = 100;
    private static final List<String> FIELDS = List.of("referenceid", "ackno");

    private final InputStream body;
    private final List<Violation> violations = new ArrayList<>();

    JsonRows(InputStream body) {
        this.body = body;
    }

    /** Writes the rows, or refuses the body with every violation, up to a hundred. */
    void writeTo(OutputStream csv) throws IOException {
        csv.write("referenceid,ackno\n".getBytes(StandardCharsets.US_ASCII));
        boolean ended = false;
        try (JsonParser json = new JsonFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .createParser(body)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw refused(new Violation("body", "must be an array of objects"));
            }
            int index = 0;
            for (; json.nextToken() != JsonToken.END_ARRAY; index++) {
                row(json, "body[" + index + "]", csv);
                refuseIfTooMany();
            }
            if (index == 0) {
                violations.add(new Violation("body", "is an empty array: send at least one pair"));
            }
            ended = true;
            if (json.nextToken() != null) {
                violations.add(new Violation("body", StrictJson.GOES_ON));
            }
        } catch (JsonProcessingException | CharConversionException e) {
            throw refused(new Violation("body", ended ? StrictJson.GOES_ON : StrictJson.trouble(e)));
        }
        if (!violations.isEmpty()) {
            throw new Refusal(violations);
        }
    }

    private void refuseIfTooMany() throws Refusal {
        if (violations.size() >= MOST_VIOLATIONS) {
            throw new Refusal(violations);
        }
    }

    private Refusal refused(Violation last) {
        violations.add(last);
        return new Refusal(violations);
    }

    private void row(JsonParser json, String where, OutputStream csv) throws IOException {
        if (json.currentToken() == null) {
            throw new com.fasterxml.jackson.core.JsonParseException(json, "the array has no end");
        }
        if (json.currentToken() != JsonToken.START_OBJECT) {
            violations.add(new Violation(where, "must be an object"));
            json.skipChildren();
            return;
        }
        Map<String, String> ids = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            if (FIELDS.contains(field)) {
                boolean isText = value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT;
                ids.put(field, json.getText());
                Violation.ofId(where + "." + field, field, isText ? json.getText() : null).ifPresent(violations::add);
            } else {
                violations.add(Violation.unknown(where, Violation.FIELD, field));
                refuseIfTooMany();
            }
            json.skipChildren();
        }
        FIELDS.stream().filter(field -> !ids.containsKey(field))
                .forEach(field -> violations.add(new Violation(where, "has no " + field)));
        if (violations.isEmpty()) {
            csv.write((ids.get("referenceid") + "," + ids.get("ackno") + "\n").getBytes(StandardCharsets.US_ASCII));
        }
    }
}
