// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import center.bos.refund.ledger.Lookups;

/** The history of requests as a sentence to read out to a customer. */
final class HistorySentence {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM uuuu HH:mm", Locale.ENGLISH);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH);

    private final ZoneId zone;
    private final StringBuilder text = new StringBuilder();
    private LocalDate day;

    private HistorySentence(ZoneId zone) {
        this.zone = zone;
    }

    /** The history of one reference id: one sentence for each acknowledgement number. */
    static String of(List<Lookups.Request> requests, ZoneId zone) {
        Map<String, List<Lookups.Request>> byAckno = requests.stream()
                .collect(Collectors.groupingBy(Lookups.Request::ackno, LinkedHashMap::new, Collectors.toList()));
        HistorySentence sentence = new HistorySentence(zone);
        byAckno.forEach(sentence::add);
        return sentence.text.append("(Times of ").append(zone).append(')').toString();
    }

    private void add(String ackno, List<Lookups.Request> newestFirst) {
        List<Lookups.Request> requests = new ArrayList<>(newestFirst);
        Collections.reverse(requests);
        text.append("Ackno ").append(ackno).append(": ");
        day = null;
        String asked = "asked ";
        for (Lookups.Request request : requests) {
            text.append(asked).append(time(request.claimedAt())).append(", ");
            List<Lookups.ResendRequest> resends = new ArrayList<>(request.resent());
            Collections.reverse(resends);
            for (Lookups.ResendRequest resend : resends) {
                text.append("nobody knows whether BOS sent it; again by ").append(resend.askedBy()).append(' ')
                        .append(time(resend.askedAt())).append(", ");
            }
            text.append(ending(request));
            asked = "; asked again ";
        }
        text.append(". ");
    }

    /** A time, with its day if that differs from the day before. */
    private String time(Instant at) {
        ZonedDateTime local = at.atZone(zone);
        boolean sameDay = local.toLocalDate().equals(day);
        day = local.toLocalDate();
        return local.format(sameDay ? TIME : DAY);
    }

    private static String ending(Lookups.Request request) {
        return switch (request.state()) {
            case "OPEN" -> "it waits to be sent";
            case "SENDING" -> "it is being sent";
            case "SUCCESS" -> "BOS said sent";
            case "ERROR" -> "BOS refused: " + request.message()
                    + (request.responseCode() == null ? "" : " (code " + request.responseCode() + ")");
            case "IN_DOUBT" -> "nobody knows whether BOS sent it";
            default -> "not sent: " + request.message();
        };
    }
}
