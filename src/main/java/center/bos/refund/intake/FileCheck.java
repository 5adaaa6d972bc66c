// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRows;
import center.bos.refund.ledger.HeldPairs;
import center.bos.refund.ledger.SeenPairs;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Pair;

/** Dry run of a file: what would happen to its rows if it were sent now. Sends and writes nothing. */
public final class FileCheck {
    /** How many rows of each kind are listed. */
    public static final int SHOWN = 10;
    /** BOS' assumed response time in seconds, for the estimate without a rate limit. */
    private static final double ASSUMED_LATENCY = 0.2;

    private final Optional<String> unfinished;
    private final boolean again;
    private final List<Finding> rejections = new ArrayList<>();
    private final List<Finding> repetitions = new ArrayList<>();
    private long rows;
    private long rejected;
    private long duplicates;
    private long repeatsOfNoSuccess;
    private long done;

    /**
     * A row that would not be sent.
     *
     * @param why the reason of REJECTED, or what it is a DUPLICATE of
     * @param batch the batch of the row that it repeats, or null if that row is in the same file or the file itself says that it was sent
     * @param batchLine its line there, or null
     */
    public record Finding(long line, @JsonProperty("message") String why, String batch,
            @JsonProperty("batch_line") Long batchLine) {
    }

    private FileCheck(Optional<String> unfinished, boolean again) {
        this.unfinished = unfinished;
        this.again = again;
    }

    /**
     * Reads a file.
     *
     * @param unfinished the batch that it would continue
     * @param again whether pairs that were sent before would be sent too
     * @param seen the pairs of the files before it; those of this one are added
     * @param name the file's name in front of its lines, or empty
     */
    public static FileCheck of(CsvFile file, Optional<String> unfinished, boolean again, HeldPairs held, SeenPairs seen,
            String name) throws IOException {
        FileCheck check = new FileCheck(unfinished, again);
        try (CsvRows rows = file.rows()) {
            while (rows.hasNext()) {
                check.look(rows.next().row(), held, seen, name);
            }
        }
        return check;
    }

    private void look(NewRow row, HeldPairs held, SeenPairs seen, String name) throws IOException {
        rows++;
        if (unfinished.filter(batch -> held.isDone(batch, row.line())).isPresent()) {
            done++;
            return;
        }
        if (row.rejected()) {
            if (++rejected <= SHOWN) {
                rejections.add(new Finding(row.line(), row.rejection(), null, null));
            }
            return;
        }
        Pair pair = row.pair();
        Optional<HeldPairs.Holder> holder = held.holder(pair)
                .filter(found -> !isThat(row, found) && (!again || found.outcome() == null));
        boolean ofSuccess = holder.filter(found -> found.outcome() == Outcome.SUCCESS).isPresent();
        if (row.evidence() != null && !again) {
            duplicate(row, row.evidence(), Optional.empty(), ofSuccess);
            return;
        }
        Optional<String> first = seen.meet(pair, (name + " line " + row.line()).strip());
        if (holder.isPresent()) {
            duplicate(row, "repeats " + holder.get(), holder, ofSuccess);
        } else {
            first.ifPresent(where -> duplicate(row, "repeats " + where, Optional.empty(), true));
        }
    }

    /** Whether the row was claimed before and holds its pair itself. */
    private boolean isThat(NewRow row, HeldPairs.Holder holder) {
        return unfinished.equals(Optional.of(holder.batch())) && row.line() == holder.line();
    }

    private void duplicate(NewRow row, String why, Optional<HeldPairs.Holder> holder, boolean ofSuccess) {
        repeatsOfNoSuccess += ofSuccess ? 0 : 1;
        if (++duplicates <= SHOWN) {
            repetitions.add(new Finding(row.line(), why, holder.map(HeldPairs.Holder::batch).orElse(null),
                    holder.map(HeldPairs.Holder::line).orElse(null)));
        }
    }

    public long rows() {
        return rows;
    }

    /** Rows that would be sent. */
    public long toSend() {
        return rows - rejected - duplicates - done;
    }

    public long rejected() {
        return rejected;
    }

    public long duplicates() {
        return duplicates;
    }

    /** Duplicates of rows that did not end SUCCESS. */
    public long repeatsOfNoSuccess() {
        return repeatsOfNoSuccess;
    }

    /** The unfinished batch that the file would continue. */
    public Optional<String> unfinished() {
        return unfinished;
    }

    /** Rows that have their outcome in that batch. */
    public long done() {
        return done;
    }

    /** The first rows that would be rejected. */
    public List<Finding> rejections() {
        return rejections;
    }

    /** The first rows that would be duplicates. */
    public List<Finding> repetitions() {
        return repetitions;
    }

    /** How long so many calls would take if nothing else is sent. */
    public static Duration expected(long calls, RefundConfig config) {
        return Duration.ofMillis((long) (1000 * calls / rate(config)));
    }

    /** Calls a second, at most {@code refund.rate}. */
    public static double rate(RefundConfig config) {
        double rate = config.concurrency() / ASSUMED_LATENCY;
        return config.rate() > 0 ? Math.min(rate, config.rate()) : rate;
    }
}
