// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.util.Locale;

import com.fasterxml.jackson.databind.JsonNode;

/** The progress of a batch as text. */
final class StatusText {
    private StatusText() {
    }

    /** From the REST answer for a batch. */
    static String of(JsonNode batch) {
        String text = String.format(Locale.ROOT,
                "Batch %s: %s, %,d of %,d rows done: %,d success, %,d error, %,d in doubt, %,d duplicate, %,d rejected;"
                        + " %,d in flight, %,d wait",
                batch.path("batch").asText(), batch.path("state").asText(), batch.path("done").asLong(),
                batch.path("rows").asLong(), batch.path("success").asLong(), batch.path("error").asLong(),
                batch.path("in_doubt").asLong(), batch.path("duplicate").asLong(), batch.path("rejected").asLong(),
                batch.path("in_flight").asLong(), batch.path("waiting").asLong());
        JsonNode stop = batch.path("stopped");
        if (!stop.isObject()) {
            return text;
        }
        return text + System.lineSeparator() + "  " + stop.path("kind").asText() + " since "
                + stop.path("since").asText() + " by " + stop.path("by").asText()
                + (stop.path("reason").isTextual() ? ": " + stop.path("reason").asText() : "")
                + (stop.path("until").isTextual() ? ", until " + stop.path("until").asText() : "");
    }
}
