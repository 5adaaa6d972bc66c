// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.CharConversionException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

import center.bos.refund.problem.Violation;

/** Reads a body of exactly one JSON value: duplicate fields and trailing text are refused, as such a body would be read in part. */
final class StrictJson {
    static final String GOES_ON = "has text after the end of its JSON";
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

    private StrictJson() {
    }

    /** The value, or empty and one more violation. */
    static Optional<JsonNode> read(byte[] body, List<Violation> violations) throws IOException {
        Optional<JsonNode> value = Optional.empty();
        try (JsonParser json = MAPPER.createParser(body)) {
            value = Optional.ofNullable(json.readValueAsTree());
            if (value.isPresent() && json.nextToken() == null) {
                return value;
            }
            violations.add(new Violation("body", value.isPresent() ? GOES_ON : "is empty: send JSON"));
        } catch (JsonProcessingException | CharConversionException e) {
            violations.add(new Violation("body", value.isPresent() ? GOES_ON : trouble(e)));
        }
        return Optional.empty();
    }

    /** The error in a text and its place; of the text itself it holds only the name of a field. */
    static String trouble(IOException failure) {
        if (!(failure instanceof JsonProcessingException unreadable) || unreadable.getLocation() == null) {
            return "is not JSON";
        }
        String place = " at line " + unreadable.getLocation().getLineNr() + ", column "
                + unreadable.getLocation().getColumnNr();
        return (unreadable.getOriginalMessage().startsWith("Duplicate field")
                ? "has a field twice"
                : "is not JSON") + place;
    }
}
