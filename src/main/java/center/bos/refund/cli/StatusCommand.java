// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.ledger.Batches;
import center.bos.refund.ledger.Workload;
import center.bos.refund.model.Batch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code refund status}: how far a batch is, or how all stands. Changes nothing. */
@Command(name = "status", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Says how far a batch is; without one, what waits, what needs a person, and why nothing goes out.",
        ""}, footer = {
                "", "Exit codes: 0 it is said; 2 there is no such batch.", "", "Examples:", "  refund status",
                "  refund status refunds-1a2b3c4d --json"})
final class StatusCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper().registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    @Parameters(arity = "0..1", paramLabel = "BATCH", description = "the batch: its folder in data/outbox, or that one's name")
    private String batch;

    @Option(names = "--json", description = "as JSON, for scripts: what REST answers")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Settings.areComplete()) {
            return ExitCode.USAGE;
        }
        Optional<String> id = Optional.ofNullable(batch).map(name -> Path.of(name).getFileName().toString());
        Optional<RunningService> service = RunningService.find();
        if (service.isEmpty()) {
            return Session.run(Session.oneShot(),
                    () -> say(id, id.isPresent() ? batch(id.get()) : JSON.valueToTree(workload())));
        }
        RunningService.Answer answer = service.get().get(id.map(RunningService::batchPath).orElse("/service"));
        if (answer.isRefused()) {
            System.err.println("refund: " + answer.detail());
            return ExitCode.USAGE;
        }
        return say(id, answer.body());
    }

    private int say(Optional<String> id, JsonNode found) throws IOException {
        if (found == null) {
            System.err.println("refund: there is no batch " + id.orElseThrow() + ": name a folder of data/outbox");
            return ExitCode.USAGE;
        }
        System.out.println(json
                ? JSON.writerWithDefaultPrettyPrinter().writeValueAsString(found)
                : id.isPresent() ? StatusText.of(found) : found.path("verdict").asText());
        return ExitCode.DONE;
    }

    private static RefundConfig config() {
        return Session.bean(RefundConfig.class);
    }

    private static Map<String, Object> workload() throws SQLException {
        Map<String, Object> all = new LinkedHashMap<>();
        Workload workload = new Workload(0, 0, 0, 0, 0, null, 0, null, java.util.List.of());
        if (LedgerDatabase.exists(config())) {
            try (Connection ledger = LedgerDatabase.readOnly(config()); Jdbc jdbc = new Jdbc(ledger)) {
                workload = Workload.read(jdbc);
            }
        }
        all.put("verdict", "No service runs on this data folder. "
                + workload.sentence().replaceFirst("^(Going well|Under way): ", ""));
        all.put("calling", false);
        all.put("open_batches", workload.openBatches());
        all.put("waiting", workload.waiting());
        all.put("stopped_batches", workload.stoppedBatches());
        all.put("waiting_in_stopped", workload.waitingInStopped());
        all.put("waiting_for_release", workload.unreleased());
        all.put("oldest_open", workload.oldestOpen());
        all.put("in_doubt", workload.inDoubt());
        all.put("oldest_in_doubt", workload.oldestInDoubt());
        all.put("nodes", workload.nodes());
        return all;
    }

    private static JsonNode batch(String id) throws SQLException {
        if (!LedgerDatabase.exists(config())) {
            return null;
        }
        try (Connection ledger = LedgerDatabase.readOnly(config()); Jdbc jdbc = new Jdbc(ledger)) {
            return Batches.find(jdbc, id).map(StatusCommand::fields).<JsonNode>map(JSON::valueToTree).orElse(null);
        }
    }

    private static Map<String, Object> fields(Batch of) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("batch", of.id());
        all.put("file", of.file());
        all.put("node", of.node());
        all.put("state", of.state().name().toLowerCase(java.util.Locale.ROOT));
        all.put("reason", of.reason());
        all.put("rows", of.rows());
        all.put("done", of.done());
        all.put("success", of.success());
        all.put("error", of.error());
        all.put("in_doubt", of.inDoubt());
        all.put("duplicate", of.duplicate());
        all.put("rejected", of.rejected());
        all.put("in_flight", of.sending());
        all.put("waiting", of.waiting());
        all.put("stopped", of.stop());
        all.put("started_at", of.startedAt());
        all.put("finished_at", of.finishedAt());
        return all;
    }
}
