// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Doubts;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.results.Resend;

/** The operations below {@code /in-doubt}: rows of files, REST and JMS that only a person can decide. */
@Singleton
@Named("doubtResource")
public record DoubtResource(Ledger ledger, Resend resends, IdempotencyKey keys, OtherNodes others, ObjectMapper json) {

    record InDoubt(long total, long resendable, Instant oldest, List<Doubts.Reason> reasons, List<Row> rows,
            String next) {
    }

    record Row(@JsonUnwrapped Doubts.Row row, boolean resendable, @JsonProperty("age_seconds") long ageSeconds) {
        static Row of(Doubts.Row row, Instant now) {
            return new Row(row, row.isResendable(), Math.max(0, Duration.between(row.since(), now).toSeconds()));
        }
    }

    /** The rows in doubt, the oldest first, and the reasons. */
    public Answer list(ApiRequest request) {
        Optional<String> message = request.optional("message");
        Doubts doubts = ledger.doubts();
        int looked = message.isPresent() ? Doubts.MOST_LOOKED_AT : request.limit() + 1;
        List<Doubts.Row> behind = doubts.behind(request.optional("after").map(DoubtResource::place)
                .orElse(Doubts.Place.START), looked);
        List<Doubts.Row> page = new ArrayList<>();
        Doubts.Row last = null;
        for (Doubts.Row row : behind) {
            if (page.size() == request.limit()) {
                break;
            }
            last = row;
            if (message.isEmpty() || message.get().equals(row.message())) {
                page.add(row);
            }
        }
        boolean more = last != null && (behind.size() == looked || last != behind.get(behind.size() - 1));
        Instant now = Instant.now();
        Doubts.Total total = doubts.total();
        return Answer.ok(new InDoubt(total.rows(), total.resendable(), total.oldest(), doubts.reasons(),
                page.stream().map(row -> Row.of(row, now)).toList(),
                more ? request.next("after", text(last.place())) : null));
    }

    private static String text(Doubts.Place place) {
        return place.since() + "-" + place.batch() + "-" + place.line();
    }

    private static Doubts.Place place(String after) {
        String[] numbers = after.split("-");
        return new Doubts.Place(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
    }

    /** Opens rows in doubt for another call; the request is recorded with the caller's name and reason. */
    public Answer resend(ApiRequest asked) throws Refusal, IOException {
        ledger.requireWritable();
        // by this key other nodes recognise the same request
        ApiRequest request = asked.idempotencyKey().isPresent() ? asked : asked.under(UUID.randomUUID().toString());
        List<Doubts.RowName> rows = new ArrayList<>();
        request.json().path("rows").forEach(
                row -> rows.add(new Doubts.RowName(row.get("batch").asText(), row.get("line").asLong())));
        Optional<String> message = Optional.ofNullable(request.json().path("message").asText(null));
        Optional<String> batch = Optional.ofNullable(request.json().path("batch").asText(null));
        OptionalInt atMost = request.json().has("at_most")
                ? OptionalInt.of(request.json().get("at_most").asInt())
                : OptionalInt.empty();
        Deed deed = keys.deed(request,
                request.json().path("rows") + "\n" + message.orElse("all") + "\n" + batch + "\n" + atMost);
        Resend.Elsewhere elsewhere = (node, its) -> elsewhere(request, node, its);
        Resend.Resent resent = rows.isEmpty()
                ? resends.all(row -> message.filter(text -> !text.equals(row.message())).isEmpty()
                        && batch.filter(id -> !id.equals(row.batch())).isEmpty(), atMost, deed, elsewhere)
                : resends.named(rows, deed, elsewhere);
        return Answer.accepted(resent, resent.release() == null ? "/in-doubt" : "/releases");
    }

    /** Sends the same request to another node, which does what it can. */
    private List<Doubts.Skipped> elsewhere(ApiRequest request, String node, List<Doubts.Row> rows) {
        try (InputStream bytes = others.ask(request, node).body()) {
            JsonNode answer = json.readTree(bytes);
            if (answer.has("detail")) {
                throw new IOException(answer.get("detail").asText());
            }
            Set<Doubts.RowName> its = rows.stream().map(Doubts.Row::name).collect(Collectors.toSet());
            return Stream.of(json.treeToValue(answer.path("why"), Doubts.Skipped[].class))
                    .filter(skipped -> its.contains(new Doubts.RowName(skipped.batch(), skipped.line()))).toList();
        } catch (IOException e) {
            return rows.stream().map(row -> new Doubts.Skipped(row.batch(), row.line(), e.getMessage())).toList();
        }
    }
}
