package center.bos.refund.ledger;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The rows that a process has claimed and that have no outcome yet, as its node's row in the ledger lists them: for each
 * batch the first and the last. Every row that is SENDING lies in such a range; a row that lies in one need not be.
 */
final class ClaimedRows {
    private static final String LINE_END = "\n";

    private final Map<String, TreeSet<Long>> lines = new LinkedHashMap<>();

    /**
     * Lines of a batch.
     *
     * @param batch the batch's id
     * @param first the first line
     * @param last the last line, included
     */
    record Range(String batch, long first, long last) {
    }

    /** Adds a row; false when it was there. */
    boolean add(RefundRow row) {
        return lines.computeIfAbsent(row.batch(), batch -> new TreeSet<>()).add(row.line());
    }

    void remove(String batch, long line) {
        TreeSet<Long> ofBatch = lines.get(batch);
        if (ofBatch != null && ofBatch.remove(line) && ofBatch.isEmpty()) {
            lines.remove(batch);
        }
    }

    /** A text for {@link #read}. */
    String list() {
        StringBuilder list = new StringBuilder();
        lines.forEach((batch, ofBatch) -> list.append(list.isEmpty() ? "" : LINE_END).append(ofBatch.first())
                .append(' ')
                .append(ofBatch.last()).append(' ').append(batch.replace("\\", "\\\\").replace(LINE_END, "\\n")));
        return list.toString();
    }

    static List<Range> read(String list) {
        List<Range> ranges = new ArrayList<>();
        for (String range : list.split(LINE_END)) {
            if (!range.isEmpty()) {
                String[] parts = range.split(" ", 3);
                ranges.add(new Range(parts[2].translateEscapes(), Long.parseLong(parts[0]), Long.parseLong(parts[1])));
            }
        }
        return ranges;
    }
}
