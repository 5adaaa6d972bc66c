// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.ledger.Audit;
import center.bos.refund.results.SummaryFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code refund audit}: lists and verifies the audit log. Changes nothing. */
@Command(name = "audit", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Lists the audit log: who did what, when and why; --verify detects entries that were changed, removed or cut off.",
        ""}, footer = {
                "", "Exit codes: 0 done, nothing is wrong; 1 --verify found something wrong; 2 bad usage.", "",
                "Examples:", "  refund audit",
                "  refund audit --verify /srv/erp/summaries"})
final class AuditCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SUMMARY = "summary.json";

    @Parameters(arity = "0..*", paramLabel = "PATH", description = "with --verify: copies of summary.json, or folders of them; the outbox is always checked")
    private List<Path> others = List.of();

    @Option(names = "--verify", description = "check the chain of hashes, and the summaries against it")
    private boolean verify;

    @Option(names = "--limit", paramLabel = "N", description = "number of entries to list", defaultValue = "20")
    private int limit;

    @Override
    public Integer call() {
        Settings.check();
        if (!verify && !others.isEmpty()) {
            System.err.println("refund: " + others.get(0) + " is only checked with --verify");
            return ExitCode.USAGE;
        }
        for (Path other : others) {
            if (Files.notExists(other)) {
                System.err.println("refund: " + other + " does not exist");
                return ExitCode.USAGE;
            }
        }
        if (limit < 1) {
            System.err.println("refund: --limit is " + limit + " and must be at least 1");
            return ExitCode.USAGE;
        }
        return Session.read(this::read);
    }

    private int read() throws SQLException, IOException {
        RefundConfig config = Session.bean(RefundConfig.class);
        List<Audit.Kept> anchors = verify ? anchors(config) : List.of();
        Optional<Connection> found = LedgerDatabase.readOnly(config);
        if (found.isEmpty()) {
            System.out.println("There is no ledger yet, so the audit log is empty.");
            return verify ? verdict(0, anchors, anchors.stream().map(AuditCommand::lost).toList()) : ExitCode.DONE;
        }
        try (Connection ledger = found.get(); Jdbc jdbc = new Jdbc(ledger)) {
            return verify ? verified(jdbc, anchors) : listed(jdbc);
        }
    }

    private static String lost(Audit.Kept anchor) {
        return "entry " + anchor.anchor().number() + ", which " + anchor.where() + " names, was lost with its ledger";
    }

    private int listed(Jdbc jdbc) throws SQLException {
        List<Audit.Entry> newest = Audit.before(jdbc, Long.MAX_VALUE, limit);
        if (newest.isEmpty()) {
            System.out.println("The audit log is empty.");
        }
        for (Audit.Entry deed : newest) {
            System.out.println(deed.number() + "  " + deed.at() + "  "
                    + (deed.by() == null ? "(erased)" : deed.by().replaceAll("\\p{Cc}", "_")) + "  "
                    + deed.what().text() + "  " + deed.of()
                    + (deed.rows() == 0 ? "" : ", " + Words.count(deed.rows(), "row"))
                    + (deed.reason() == null ? "" : ": " + deed.reason()));
        }
        return ExitCode.DONE;
    }

    private static int verified(Jdbc jdbc, List<Audit.Kept> anchors) throws SQLException {
        List<Audit.Entry> newest = Audit.before(jdbc, Long.MAX_VALUE, 1);
        return verdict(newest.isEmpty() ? 0 : newest.get(0).number(), anchors, Audit.verify(jdbc, anchors));
    }

    private static int verdict(long entries, List<Audit.Kept> anchors, List<String> wrong) {
        wrong.forEach(text -> System.out.println("WRONG: " + text));
        System.out.println(entries + " entries, checked against " + anchors.size() + " summaries: "
                + (wrong.isEmpty() ? "nothing is wrong" : wrong.size() + " wrong"));
        return wrong.isEmpty() ? ExitCode.DONE : ExitCode.SOME_ROWS_FAILED;
    }

    private List<Audit.Kept> anchors(RefundConfig config) throws IOException {
        List<Audit.Kept> anchors = new ArrayList<>();
        for (Path other : others) {
            addAnchors(other, anchors);
        }
        addAnchors(config.data().resolve("outbox"), anchors);
        return anchors;
    }

    static void addAnchors(Path where, List<Audit.Kept> anchors) throws IOException {
        if (Files.notExists(where)) {
            return;
        }
        Path start = Files.isSymbolicLink(where) ? where.toRealPath() : where;
        Files.walkFileTree(start, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (file.equals(start) || file.getFileName().toString().equals(SUMMARY)) {
                    addAnchor(file, anchors);
                }
                return FileVisitResult.CONTINUE;
            }

            /** A service writes results meanwhile, and an ERP may take them away. */
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return failure instanceof NoSuchFileException
                        ? FileVisitResult.CONTINUE
                        : super.visitFileFailed(file, failure);
            }
        });
    }

    private static void addAnchor(Path file, List<Audit.Kept> anchors) throws IOException {
        JsonNode audit = json(file).path(SummaryFile.AUDIT);
        if (audit.isObject()) {
            anchors.add(new Audit.Kept(
                    new Audit.Anchor(audit.path("number").asLong(), audit.path("hash").asText()), file.toString()));
        }
    }

    private static JsonNode json(Path file) throws IOException {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) { // taken away, or put aside for a resend
            return JSON.missingNode();
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is not JSON: name a summary.json, or a folder of such files");
        }
    }
}
