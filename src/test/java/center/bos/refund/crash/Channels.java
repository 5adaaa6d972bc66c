package center.bos.refund.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Rows that reached the channels, files of JSON lines. A repetition counts once.
 *
 * @param success rows with an outcome on the success channel
 * @param error rows with an outcome on the error channel
 */
record Channels(int success, int error) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The channel that appends to the file of that name. */
    static String to(Path folder, String name) {
        return "file:" + folder + "?fileName=" + name + "&fileExist=Append&appendChars=RAW(\\n)";
    }

    /** What the files in that folder hold. */
    static Channels in(Path folder) throws IOException {
        return new Channels(rows(folder.resolve("success")), rows(folder.resolve("error")));
    }

    private static int rows(Path file) throws IOException {
        Set<String> rows = new HashSet<>();
        if (Files.exists(file)) {
            try (MappingIterator<JsonNode> outcomes = JSON.readerFor(JsonNode.class).readValues(file.toFile())) {
                while (outcomes.hasNext()) {
                    JsonNode outcome = outcomes.next();
                    rows.add(outcome.get("batch").asText() + ":" + outcome.get("line") + ":" + outcome.get("outcome"));
                }
            }
        }
        return rows.size();
    }
}
