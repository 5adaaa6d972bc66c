// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;

/** Holds what the server saw against input files and their results: no row lost, none in both files, none sent twice. */
public final class PromiseCheck {

    /** How a row can end. */
    private enum Outcome {
        SUCCESS, ERROR, IN_DOUBT, DUPLICATE, REJECTED
    }

    private static final int SHOWN = 10;

    private final Map<Pair, Integer> posts;
    private final Map<Pair, Integer> successes = new HashMap<>();
    private final Map<String, Offence> offences = new LinkedHashMap<>();
    private int max = 1;
    private long inFlight;
    private long inDoubt;

    private PromiseCheck(Map<Pair, Integer> posts) {
        this.posts = posts;
    }

    /** Counts the requests that this server has seen until now. */
    public static PromiseCheck of(BosServer server) {
        return of(server.posts());
    }

    /** Counts these requests. */
    public static PromiseCheck of(Collection<Post> posts) {
        Map<Pair, Integer> counts = new HashMap<>();
        posts.forEach(post -> counts.merge(plain(post.pair()), 1, Integer::sum));
        return new PromiseCheck(counts);
    }

    /** Counts the requests in the log of a server that runs as a process of its own. */
    public static PromiseCheck ofLog(Path serverLog) {
        Map<Pair, Integer> counts = new HashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(serverLog)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] fields = line.split("\t", -1);
                counts.merge(plain(new Pair(fields[1], fields[2])), 1, Integer::sum);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new PromiseCheck(counts);
    }

    /** Allows that many requests a pair; 1 unless this says otherwise. */
    public PromiseCheck max(int max) {
        this.max = max;
        return this;
    }

    /** Allows that many rows in doubt over all files, the calls in flight at the crashes; 0 unless this says otherwise. */
    public PromiseCheck inFlight(long inFlight) {
        this.inFlight = inFlight;
        return this;
    }

    /** Checks these result folders against the file that each of them is the result of. */
    public PromiseCheck file(Path input, Path... resultFolders) {
        try {
            Input rows = Input.read(input);
            for (Path folder : resultFolders) {
                check(rows, folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Counts a row that came without a file, by how it ended. */
    public PromiseCheck row(String referenceid, String ackno, String outcome) {
        if (Outcome.valueOf(outcome) == Outcome.SUCCESS) {
            successes.merge(plain(new Pair(referenceid, ackno)), 1, Integer::sum);
        } else if (Outcome.valueOf(outcome) == Outcome.IN_DOUBT) {
            inDoubt++;
        }
        return this;
    }

    /** Fails if anything of the promise is broken, with the first offending lines of each kind. */
    public void verify() {
        posts.forEach((pair, count) -> {
            if (count > max) {
                offend("pairs sent more than " + max + " times", pair + " " + count + " times");
            }
        });
        successes.forEach((pair, count) -> {
            int sent = posts.getOrDefault(pair, 0);
            if (sent < count) {
                offend("SUCCESS rows that no request stands behind",
                        pair + ": " + count + " SUCCESS, " + sent + " requests");
            }
        });
        if (inDoubt > inFlight) {
            offend("more IN_DOUBT than were in flight", inDoubt + " of at most " + inFlight);
        }
        if (!offences.isEmpty()) {
            StringBuilder message = new StringBuilder("the promise is broken:");
            offences.forEach((kind, offence) -> message.append("\n- ").append(kind).append(": ").append(offence));
            offences.clear();
            throw new AssertionError(message.toString());
        }
    }

    private void check(Input input, Path folder) throws IOException {
        String[] fileOfRow = new String[input.lines().length];
        Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
        checkFile(input, folder, "success.csv", fileOfRow, counts);
        checkFile(input, folder, "error.csv", fileOfRow, counts);
        for (int row = 0; row < fileOfRow.length; row++) {
            if (fileOfRow[row] == null) {
                offend("rows in neither file", folder + " line " + input.lines()[row] + " " + input.pairs()[row]);
            }
        }
        inDoubt += counts.getOrDefault(Outcome.IN_DOUBT, 0L);
        checkSummary(input, folder, counts);
    }

    private void checkFile(Input input, Path folder, String name, String[] fileOfRow, Map<Outcome, Long> counts)
            throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            offend("files that are missing", file.toString());
            return;
        }
        try (CsvReader<CsvRecord> reader = CsvDialect.of(file).open(file)) {
            Columns columns = null;
            long before = -1;
            for (CsvRecord row : reader) {
                if (columns == null) {
                    columns = Columns.of(row);
                    continue;
                }
                String where = file + " line " + row.getStartingLineNumber();
                int index = input.indexOf(columns.line(row));
                if (index < 0) {
                    offend("rows of no input line", where + ": " + row.getFields());
                    continue;
                }
                long line = input.lines()[index];
                if (fileOfRow[index] != null) {
                    offend("rows that are there twice",
                            "input line " + line + " in " + fileOfRow[index] + " and " + name
                                    + " of " + folder);
                }
                fileOfRow[index] = name;
                if (line <= before) {
                    offend("rows out of order", where + ": input line " + line + " after " + before);
                }
                before = line;
                Pair pair = columns.pair(row);
                if (isDigits(input.pairs()[index]) && !input.pairs()[index].equals(pair)) {
                    offend("rows with another pair than their input line",
                            where + ": " + pair + " for " + input.pairs()[index]);
                }
                tally(columns.outcome(row), name, where, pair, counts);
            }
            if (columns == null) {
                offend("files without a header", file.toString());
            }
        }
    }

    private void tally(String text, String name, String where, Pair pair, Map<Outcome, Long> counts) {
        Outcome outcome;
        try {
            outcome = Outcome.valueOf(text);
        } catch (IllegalArgumentException unknown) {
            offend("outcomes that do not exist", where + ": " + text);
            return;
        }
        counts.merge(outcome, 1L, Long::sum);
        if (name.equals("success.csv") != (outcome == Outcome.SUCCESS)) {
            offend("rows in the wrong file", where + ": " + text);
        }
        if (outcome == Outcome.SUCCESS) {
            successes.merge(plain(pair), 1, Integer::sum);
        }
    }

    private void checkSummary(Input input, Path folder, Map<Outcome, Long> counts) {
        Path file = folder.resolve("summary.json");
        if (!Files.exists(file)) {
            offend("files that are missing", file.toString());
            return;
        }
        Summary summary = Results.of(folder).summary();
        expect(file, "rows", input.lines().length, summary.rows());
        expect(file, "sum of the counts", summary.rows(), summary.sum());
        expect(file, "success", counts.getOrDefault(Outcome.SUCCESS, 0L), summary.success());
        expect(file, "error", counts.getOrDefault(Outcome.ERROR, 0L), summary.error());
        expect(file, "in_doubt", counts.getOrDefault(Outcome.IN_DOUBT, 0L), summary.inDoubt());
        expect(file, "duplicate", counts.getOrDefault(Outcome.DUPLICATE, 0L), summary.duplicate());
        expect(file, "rejected", counts.getOrDefault(Outcome.REJECTED, 0L), summary.rejected());
        if (!"complete".equals(summary.state())) {
            offend("summaries that are not complete", file + ": " + summary.state() + " " + summary.reason());
        }
    }

    private void expect(Path file, String field, long found, long said) {
        if (found != said) {
            offend("summaries that do not hold", file + ": " + field + " is " + said + ", not " + found);
        }
    }

    private void offend(String kind, String what) {
        offences.computeIfAbsent(kind, absent -> new Offence()).add(what);
    }

    private static boolean isDigits(Pair pair) {
        return isDigits(pair.referenceid()) && isDigits(pair.ackno());
    }

    private static boolean isDigits(String id) {
        return !id.isEmpty() && id.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** The pair as a server sees it that was sent numbers: without leading zeros. */
    private static Pair plain(Pair pair) {
        return new Pair(withoutZeros(pair.referenceid()), withoutZeros(pair.ackno()));
    }

    private static String withoutZeros(String id) {
        int from = 0;
        while (from < id.length() - 1 && id.charAt(from) == '0') {
            from++;
        }
        return id.substring(from);
    }

    /** The rows of an input file by their position: the line that each begins on, the header being line 1, and its pair. */
    private record Input(long[] lines, Pair[] pairs) {

        static Input read(Path file) throws IOException {
            long[] lines = new long[1024];
            Pair[] pairs = new Pair[1024];
            int count = 0;
            try (CsvReader<CsvRecord> reader = CsvDialect.of(file).open(file)) {
                Columns columns = null;
                for (CsvRecord row : reader) {
                    if (columns == null) {
                        columns = Columns.of(row);
                        continue;
                    }
                    if (count == lines.length) {
                        lines = Arrays.copyOf(lines, count * 2);
                        pairs = Arrays.copyOf(pairs, count * 2);
                    }
                    lines[count] = row.getStartingLineNumber();
                    pairs[count++] = columns.pair(row);
                }
            }
            return new Input(Arrays.copyOf(lines, count), Arrays.copyOf(pairs, count));
        }

        int indexOf(String line) {
            return isDigits(line) && line.length() < 19 ? Arrays.binarySearch(lines, Long.parseLong(line)) : -1;
        }
    }

    /** Where the columns are that the check reads. */
    private record Columns(Map<String, Integer> positions) {

        static Columns of(CsvRecord header) {
            Map<String, Integer> positions = new HashMap<>();
            List<String> names = header.getFields();
            for (int i = 0; i < names.size(); i++) {
                positions.put(names.get(i).trim().toLowerCase(Locale.ROOT), i);
            }
            return new Columns(positions);
        }

        Pair pair(CsvRecord row) {
            return new Pair(cell(row, "referenceid"), cell(row, "ackno"));
        }

        String line(CsvRecord row) {
            return cell(row, "line");
        }

        String outcome(CsvRecord row) {
            return cell(row, "outcome");
        }

        private String cell(CsvRecord row, String column) {
            Integer position = positions.get(column);
            return position == null || position >= row.getFieldCount() ? "" : row.getField(position).trim();
        }
    }

    /** One way in which the promise is broken, and where. */
    private static final class Offence {

        private final StringBuilder first = new StringBuilder();
        private long count;

        void add(String what) {
            if (count++ < SHOWN) {
                first.append("\n    ").append(what);
            }
        }

        @Override
        public String toString() {
            return count + (count > SHOWN ? ", the first " + SHOWN : "") + first;
        }
    }
}
