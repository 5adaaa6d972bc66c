// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.intake.FileCheck;
import center.bos.refund.ledger.HeldPairs;
import center.bos.refund.ledger.SeenPairs;
import picocli.CommandLine.Command;

/**
 * {@code refund check}: the dry run of {@code send}. Finds rejected rows and duplicates within the files and against the ledger, and
 * estimates the duration.
 */
@Command(name = "check", mixinStandardHelpOptions = true, header = {
        "Dry run: reads CSV files as send would, and sends nothing.", ""}, footer = {"",
                "Exit codes: 0 every row can be sent or is a DUPLICATE of one that ended SUCCESS; 1 some row is rejected or a",
                "DUPLICATE of another; 2 bad usage, a missing setting or an unreadable file.", "", "Example:",
                "  refund check refunds.csv"})
final class CheckCommand extends FilesCommand {
    @Override
    int with(List<CsvFile> inputs) {
        return Session.read(() -> check(inputs));
    }

    private static int check(List<CsvFile> inputs) throws IOException {
        RefundConfig config = Session.bean(RefundConfig.class);
        boolean allGood = true;
        long toSend = 0;
        try (HeldPairs held = HeldPairs.open(config);
                SeenPairs seen = SeenPairs.none(DataFolder.uploads(config.data()))) {
            for (CsvFile input : inputs) {
                String name = input.path().getFileName().toString();
                FileCheck check = FileCheck.of(input, held.unfinished(input.sha256()), false, held, seen, name);
                print(name, check);
                allGood &= check.rejected() + check.repeatsOfNoSuccess() == 0;
                toSend += check.toSend();
            }
        }
        System.out.printf(Locale.ROOT, "%nIt would take about %s for %s%s. Nothing was sent.%n",
                Words.duration(FileCheck.expected(toSend, config)), Words.count(toSend, "call"),
                config.rate() > 0
                        ? String.format(Locale.ROOT, " at %,.1f a second", FileCheck.rate(config))
                        : ", if BOS answers in 200 ms, " + config.concurrency() + " at a time");
        return allGood ? ExitCode.DONE : ExitCode.SOME_ROWS_FAILED;
    }

    private static void print(String file, FileCheck check) {
        System.out.printf(Locale.ROOT, "%s: %s, %,d to send, %,d duplicate, %,d rejected%n", file,
                Words.count(check.rows(), "row"), check.toSend(), check.duplicates(), check.rejected());
        check.unfinished().ifPresent(batch -> System.out.printf(Locale.ROOT,
                "  continues batch %s: %,d of %,d rows are done%n", batch, check.done(), check.rows()));
        Map<Long, String> lines = new TreeMap<>();
        check.rejections().forEach(found -> lines.put(found.line(), "REJECTED, " + found.why()));
        check.repetitions().forEach(found -> lines.put(found.line(), "DUPLICATE, " + found.why()));
        lines.forEach((line, text) -> System.out.println("  line " + line + ": " + text));
        if (check.rejected() > FileCheck.SHOWN || check.duplicates() > FileCheck.SHOWN) {
            System.out.println("  … (the first " + FileCheck.SHOWN + " of each)");
        }
    }
}
