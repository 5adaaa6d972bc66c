// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A channel that appends each outcome to a file, and whose content is held against the ledger. */
final class ChannelFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How each outcome begins; a kill may have left one without its end, and without the line's. */
    private static final String BEGIN = "{\"batch\":";
    /** Outcomes that are delivered before they are marked. */
    private static final int MOST_AT_ONCE = 100;

    private final Path file;
    private long read;
    private long told;
    private long repeated;

    ChannelFile(Path file) {
        this.file = file;
    }

    /** The setting of a channel. */
    String uri() {
        return "file:" + file.getParent() + "?fileName=" + file.getFileName() + "&fileExist=Append&appendChars=\\n";
    }

    /** Outcomes that were told, and those that were told once more after a kill. */
    String figures() {
        return told + " outcomes, " + repeated + " of them once more";
    }

    /**
     * Holds what was told since the last time against the ledger's outcomes: each is there, none that the ledger does not
     * know, in the order in which they came about; told again only after a kill, from where the marks end, and in the same
     * order.
     */
    void check(List<LedgerBook.Told> expected, int kills) throws IOException {
        Map<String, LedgerBook.Told> known = new HashMap<>();
        expected.forEach(outcome -> known.put(outcome.row(), outcome));
        Map<String, Integer> places = new HashMap<>();
        int torn = 0;
        int again = 0;
        int last = -1;
        long answeredAt = 0;
        for (String text : news()) {
            JsonNode outcome = parse(text);
            if (outcome == null) {
                torn++;
                continue;
            }
            String row = outcome.get("batch").asText() + ":" + outcome.get("line").asLong();
            LedgerBook.Told ledger = known.get(row);
            require(ledger != null, row + " is not in the ledger");
            require(ledger.outcome().equals(outcome.get("outcome").asText())
                    && Instant.parse(outcome.get("answered_at").asText()).toEpochMilli() == ledger.answeredAt(),
                    row + " is " + outcome + ", in the ledger " + ledger);
            Integer place = places.get(row);
            if (place == null) {
                require(last == places.size() - 1, row + " comes before what was told has been told again");
                require(answeredAt <= ledger.answeredAt(), row + " comes after one that was answered later");
                answeredAt = ledger.answeredAt();
                place = places.size();
                places.put(row, place);
            } else {
                repeated++;
                if (place != last + 1) {
                    again++;
                    require(place <= last && places.size() - place <= MOST_AT_ONCE,
                            row + " is told again out of order");
                }
            }
            last = place;
        }
        told += places.size();
        require(places.size() == known.size(), (known.size() - places.size()) + " outcomes were not told");
        require(again <= kills && torn <= kills,
                "told again " + again + " times and broken off " + torn + " times by " + kills + " kills");
    }

    private void require(boolean holds, String text) {
        if (!holds) {
            throw new AssertionError(file + ": " + text);
        }
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private List<String> news() throws IOException {
        if (Files.notExists(file)) {
            return List.of();
        }
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[(int) (content.length() - read)];
            content.seek(read);
            content.readFully(bytes);
            read += bytes.length;
            List<String> texts = new ArrayList<>();
            String[] parts = new String(bytes, StandardCharsets.UTF_8)
                    .split("(?=" + java.util.regex.Pattern.quote(BEGIN)
                            + ")");
            for (String part : parts) {
                if (!part.isBlank()) {
                    texts.add(part.strip());
                }
            }
            return texts;
        }
    }
}
