// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRow;
import center.bos.refund.csv.CsvRows;
import center.bos.refund.ledger.HeldPairs;
import center.bos.refund.ledger.SeenPairs;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Pair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code refund check}: what {@code send} would do. Finds rejected rows, duplicates within the files and against the ledger,
 * and the time it takes.
 */
@Command(name = "check", mixinStandardHelpOptions = true, header = {
        "Reads CSV files as send would, and sends nothing.", ""}, footer = {"",
                "Exit codes: 0 every row can be sent or is a DUPLICATE of one that ended SUCCESS; 1 some row is rejected or a",
                "DUPLICATE of another; 2 bad usage, a missing setting or an unreadable file.", "", "Example:",
                "  refund check refunds.csv"})
final class CheckCommand implements Callable<Integer> {
    private static final int SHOWN = 10;
    /** Seconds that BOS may take for an answer, for the estimate where no rate limits the calls. */
    private static final double ASSUMED_LATENCY = 0.2;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "CSV files with the columns referenceid and ackno")
    private List<Path> files;

    @Override
    public Integer call() {
        if (!Settings.areComplete()) {
            return ExitCode.USAGE;
        }
        List<CsvFile> inputs = new ArrayList<>();
        if (!InputFiles.inspect(files, inputs)) {
            return ExitCode.USAGE;
        }
        return Session.run(Session.oneShot(), () -> check(inputs));
    }

    private static int check(List<CsvFile> inputs) throws IOException {
        RefundConfig config = Session.bean(RefundConfig.class);
        boolean allGood = true;
        long toSend = 0;
        try (HeldPairs held = HeldPairs.open(config); SeenPairs seen = SeenPairs.none()) {
            for (CsvFile input : inputs) {
                FileCheck check = check(input, held, seen);
                check.print();
                allGood &= check.rejected + check.repeatsOfNoSuccess == 0;
                toSend += check.toSend();
            }
        }
        double rate = config.concurrency() / ASSUMED_LATENCY;
        rate = config.rate() > 0 ? Math.min(rate, config.rate()) : rate;
        System.out.printf(Locale.ROOT, "%nIt would take about %s for %,d calls%s. Nothing was sent.%n",
                Durations.text(Duration.ofMillis((long) (1000 * toSend / rate))), toSend,
                config.rate() > 0
                        ? String.format(Locale.ROOT, " at %,.1f a second", rate)
                        : ", if BOS answers in 200 ms, " + config.concurrency() + " at a time");
        return allGood ? ExitCode.DONE : ExitCode.SOME_ROWS_FAILED;
    }

    private static FileCheck check(CsvFile input, HeldPairs held, SeenPairs seen) throws IOException {
        Optional<String> unfinished = held.unfinished(input.sha256());
        FileCheck check = new FileCheck(input.path().getFileName().toString(), unfinished);
        try (CsvRows rows = input.rows()) {
            while (rows.hasNext()) {
                CsvRow row = rows.next();
                check.rows++;
                if (unfinished.filter(batch -> held.isDone(batch, row.line())).isPresent()) {
                    check.done++;
                    continue;
                }
                if (row.rejected()) {
                    check.reject(row);
                    continue;
                }
                Pair pair = Pair.of(row.referenceid(), row.ackno());
                Optional<HeldPairs.Holder> holder = held.holder(pair).filter(found -> !isThat(row, found, unfinished));
                if (row.evidence() != null) {
                    check.duplicate(row, row.evidence(), holder.filter(CheckCommand::isSuccess).isPresent());
                    continue;
                }
                Optional<String> first = seen.meet(pair, check.file + " line " + row.line());
                if (holder.isPresent()) {
                    check.duplicate(row, "repeats " + holder.get(), isSuccess(holder.get()));
                } else {
                    first.ifPresent(where -> check.duplicate(row, "repeats " + where, true));
                }
            }
        }
        return check;
    }

    /** Whether the row was claimed before and holds its pair itself. */
    private static boolean isThat(CsvRow row, HeldPairs.Holder holder, Optional<String> unfinished) {
        return unfinished.equals(Optional.of(holder.batch())) && row.line() == holder.line();
    }

    private static boolean isSuccess(HeldPairs.Holder holder) {
        return holder.outcome() == Outcome.SUCCESS;
    }

    private static final class FileCheck {
        private final String file;
        private final Optional<String> unfinished;
        private final StringBuilder lines = new StringBuilder();
        private long rows;
        private long rejected;
        private long duplicates;
        private long repeatsOfNoSuccess;
        private long done;

        FileCheck(String file, Optional<String> unfinished) {
            this.file = file;
            this.unfinished = unfinished;
        }

        void reject(CsvRow row) {
            if (++rejected <= SHOWN) {
                lines.append("  line ").append(row.line()).append(": REJECTED, ").append(row.rejection()).append('\n');
            }
        }

        void duplicate(CsvRow row, String why, boolean ofSuccess) {
            repeatsOfNoSuccess += ofSuccess ? 0 : 1;
            if (++duplicates <= SHOWN) {
                lines.append("  line ").append(row.line()).append(": DUPLICATE, ").append(why).append('\n');
            }
        }

        long toSend() {
            return rows - rejected - duplicates - done;
        }

        void print() {
            System.out.printf(Locale.ROOT, "%s: %,d rows, %,d to send, %,d duplicate, %,d rejected%n", file, rows,
                    toSend(), duplicates, rejected);
            unfinished.ifPresent(batch -> System.out.printf(Locale.ROOT,
                    "  goes on with batch %s: %,d of %,d rows are done%n", batch, done, rows));
            System.out.print(lines);
            if (rejected > SHOWN || duplicates > SHOWN) {
                System.out.println("  … (the first " + SHOWN + " of each)");
            }
        }
    }
}
