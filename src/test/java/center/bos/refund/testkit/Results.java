// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

import com.fasterxml.jackson.databind.ObjectMapper;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;

/** The result folder of one batch. */
public record Results(Path folder, char delimiter) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The results in that folder, its files separated by commas. */
    public static Results of(Path folder) {
        return new Results(folder, ',');
    }

    /** The results in that folder, its files separated by that delimiter. */
    public static Results of(Path folder, char delimiter) {
        return new Results(folder, delimiter);
    }

    /** Waits until a batch of that name, or else of that file stem, is complete or refused. */
    public static Results await(Path outbox, String stem, Duration timeout) {
        return Awaitility.await("summary.json in " + outbox + "/" + stem + "*").atMost(timeout)
                .pollInterval(Duration.ofMillis(50)).until(() -> finished(outbox, stem), found -> !found.isEmpty())
                .get(0);
    }

    /** The finished batches of that name or file stem, the exact name first, then by name. */
    public static List<Results> finished(Path outbox, String stem) {
        if (!Files.isDirectory(outbox)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(outbox)) {
            return folders.filter(folder -> isOf(folder, stem))
                    .filter(folder -> Files.exists(folder.resolve("summary.json"))).sorted().map(Results::of).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code summary.json} says. */
    public Summary summary() {
        try {
            return JSON.readValue(folder.resolve("summary.json").toFile(), Summary.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of {@code success.csv} by column name, in file order. */
    public List<Map<String, String>> success() {
        return rows("success.csv");
    }

    /** The rows of {@code error.csv} by column name, in file order. */
    public List<Map<String, String>> error() {
        return rows("error.csv");
    }

    private List<Map<String, String>> rows(String name) {
        List<Map<String, String>> rows = new ArrayList<>();
        try (CsvReader<CsvRecord> reader = new CsvDialect(delimiter).open(folder.resolve(name))) {
            List<String> header = null;
            for (CsvRecord row : reader) {
                if (header == null) {
                    header = row.getFields();
                    continue;
                }
                Map<String, String> cells = new LinkedHashMap<>();
                for (int i = 0; i < row.getFieldCount(); i++) {
                    // a cell without a column must be seen, not lost
                    cells.put(i < header.size() ? header.get(i) : "#" + (i + 1), row.getField(i));
                }
                rows.add(cells);
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOf(Path folder, String stem) {
        String name = folder.getFileName().toString();
        return name.equals(stem) || name.startsWith(stem + "-");
    }
}
