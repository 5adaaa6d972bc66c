// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;

import center.bos.refund.model.IdRule;
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

    /**
     * Writes the rows.
     *
     * @throws Refusal if the body is not an array of pairs, with every violation up to a hundred
     * @throws IOException if the body does not arrive or the file cannot be written
     */
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
        String referenceid = null;
        String ackno = null;
        Set<String> seen = new HashSet<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            seen.add(field);
            if (!FIELDS.contains(field)) {
                violations.add(Violation.unknown(where, Violation.FIELD, field));
                refuseIfTooMany();
                json.skipChildren();
            } else {
                String id = id(json, value, where + "." + field, field);
                if (field.equals("ackno")) {
                    ackno = id;
                } else {
                    referenceid = id;
                }
            }
        }
        FIELDS.stream().filter(field -> !seen.contains(field))
                .forEach(field -> violations.add(new Violation(where, "has no " + field)));
        if (violations.isEmpty()) {
            csv.write((referenceid + "," + ackno + "\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    private String id(JsonParser json, JsonToken value, String where, String field) throws IOException {
        if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NUMBER_INT) {
            violations.add(new Violation(where, "must be a text or a whole number"));
            json.skipChildren();
            return null;
        }
        String id = json.getText();
        String rejection = IdRule.rejection(field, id);
        if (rejection != null) {
            violations.add(new Violation(where, rejection));
        }
        return id;
    }
}
