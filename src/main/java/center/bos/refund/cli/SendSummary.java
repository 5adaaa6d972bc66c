// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Batches;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Source;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;

/** The summary at the end: rows by outcome, reasons, duration, and where the results are. */
record SendSummary(Ledger ledger, DataFolder folder) {
    private static final int REASONS = 5;

    void print(List<Batch> before, List<Batch> after, Duration duration) {
        for (Batch batch : after) {
            System.out.println();
            System.out
                    .println("Batch " + batch.id() + (batch.state() == Batch.State.COMPLETE ? "" : " (not finished)"));
            count("SUCCESS", batch.success());
            count("ERROR", batch.error());
            count("IN_DOUBT", batch.inDoubt());
            count("DUPLICATE", batch.duplicate());
            count("REJECTED", batch.rejected());
            count("rows", batch.rows());
            List<Batches.Reason> reasons = ledger.batches().reasons(batch, REASONS + 1);
            if (!reasons.isEmpty()) {
                System.out.println("  Why:");
                System.out.print(reasons(reasons.subList(0, Math.min(REASONS, reasons.size()))));
                if (reasons.size() > REASONS) {
                    System.out.println("              … and other reasons, see error.csv");
                }
            }
            if (batch.state() == Batch.State.COMPLETE && batch.source() == Source.FILE) {
                System.out.println("  Results: " + shown(folder.results(batch.id())));
            } else if (batch.done() == batch.rows() && batch.source() == Source.FILE) {
                System.out.println("  Results: not written yet, by node " + batch.node());
            }
        }
        long done = Progress.done(after) - Progress.done(before);
        System.out.printf(Locale.ROOT, "%n%s in %s, %,.0f rows/s%n", Words.count(done, "row"), Words.duration(duration),
                done * 1000.0 / Math.max(1, duration.toMillis()));
    }

    private static void count(String name, long rows) {
        System.out.printf(Locale.ROOT, "  %-10s %,10d%n", name, rows);
    }

    private static TextTable reasons(List<Batches.Reason> reasons) {
        TextTable table = TextTable.forColumns(new ColorScheme.Builder(Ansi.OFF).build(),
                new Column(12, 4, Overflow.SPAN), new Column(13, 2, Overflow.SPAN), new Column(55, 2, Overflow.WRAP));
        for (Batches.Reason reason : reasons) {
            String code = reason.responseCode() == null ? "" : "code " + reason.responseCode() + ": ";
            table.addRowValues(String.format(Locale.ROOT, "%,8d", reason.rows()), reason.outcome().name(),
                    code + reason.message());
        }
        return table;
    }

    /** The path, relative to the current folder if it is below it. */
    private static Path shown(Path path) {
        Path here = Path.of("").toAbsolutePath();
        return path.startsWith(here) ? here.relativize(path) : path;
    }
}
