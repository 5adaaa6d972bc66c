// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Batches;
import center.bos.refund.ledger.Lookups;
import center.bos.refund.ledger.Workload;
import center.bos.refund.model.Batch;
import center.bos.refund.rest.BatchStatus;
import center.bos.refund.rest.ServiceResource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code refund status}: the progress of a batch, or of everything. Changes nothing. */
@Command(name = "status", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Shows the progress of a batch; without BATCH, why no call begins, what needs a person, and the open batches.",
        ""}, footer = {
                "",
                "Exit codes: 0 done; 2 there is no such batch; 3 the ledger cannot be reached, or the service does not answer.",
                "", "Examples:",
                "  refund status",
                "  refund status refunds-1a2b3c4d --json"})
final class StatusCommand implements Callable<Integer> {
    private static final int MOST_LISTED = 20;

    @Parameters(arity = "0..1", paramLabel = "BATCH", converter = BatchName.class, description = "the batch: its id, or its folder in data/outbox")
    private String batch;

    @Option(names = "--json", description = "print the JSON of the REST answer, for scripts")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Settings.check();
        Optional<String> id = Optional.ofNullable(batch);
        Optional<RunningService> service = RunningService.find();
        if (service.isEmpty()) {
            return Session.read(() -> {
                int code = say(id, withoutService(id));
                return id.isPresent() || json ? code : sayOpen(openWithoutService());
            });
        }
        RunningService.Answer answer = service.get().get(id.map(RunningService::batchPath).orElse("/service"));
        if (answer.isRefused()) {
            return DeedCommand.refused(answer);
        }
        int code = say(id, answer.body());
        return id.isPresent() || json
                ? code
                : sayOpen(service.get().get("/batches?state=open&limit=" + (MOST_LISTED + 1)).body().path("batches"));
    }

    private static int sayOpen(Iterable<JsonNode> batches) {
        int listed = 0;
        for (JsonNode batch : batches) {
            System.out.println(++listed > MOST_LISTED ? "… and older ones" : text(batch));
        }
        return ExitCode.DONE;
    }

    private int say(Optional<String> id, JsonNode found) {
        if (found.isNull()) {
            return DeedCommand.refused(BatchName.unknown(id.orElseThrow()));
        }
        System.out.println(json
                ? found.toPrettyString()
                : id.isPresent() ? text(found) : found.path("verdict").asText());
        return ExitCode.DONE;
    }

    private static JsonNode withoutService(Optional<String> id) {
        RefundConfig config = Session.bean(RefundConfig.class);
        Object found = id.isPresent()
                ? LedgerDatabase.read(config, jdbc -> progress(jdbc, id.get())).orElse(null)
                : service(config, LedgerDatabase.read(config, Workload::read).orElse(Workload.NONE));
        return Session.bean(ObjectMapper.class).valueToTree(found);
    }

    private static BatchStatus progress(Jdbc jdbc, String id) throws SQLException {
        Optional<Batch> batch = Batches.find(jdbc, id);
        return batch.isEmpty() ? null : BatchStatus.of(batch.get(), Lookups.resent(jdbc, batch.get()));
    }

    private static List<JsonNode> openWithoutService() {
        ObjectMapper mapper = Session.bean(ObjectMapper.class);
        return LedgerDatabase.read(Session.bean(RefundConfig.class), jdbc -> Lookups.open(jdbc, MOST_LISTED + 1))
                .orElse(List.of()).stream()
                .map(batch -> mapper.<JsonNode>valueToTree(BatchStatus.of(batch, List.of()))).toList();
    }

    private static ServiceResource.Status service(RefundConfig config, Workload workload) {
        Path data = config.data().toAbsolutePath().normalize();
        boolean isHeld = DataFolder.isHeld(data);
        String service = isHeld
                ? "A command, or a service that is starting or stopping, holds the data folder "
                : "No service runs on the data folder ";
        long left = isHeld
                ? 0
                : workload.nodes().stream().filter(of -> of.node().equals(config.node()))
                        .mapToLong(Workload.NodeLoad::inFlight).sum();
        return new ServiceResource.Status(Instant.now(), config.node(), service + data
                + (Files.exists(data) ? ". " : ", which does not exist. ")
                + (left == 0
                        ? ""
                        : Words.count(left, "call") + " had begun when the last process ended: IN_DOUBT from the next"
                                + " start on. ")
                + workload.sentence().replaceFirst("^(Going well|Under way): ", ""), false, List.of(), 0, workload, 0);
    }

    /** The progress of a batch as text, from the REST answer. */
    static String text(JsonNode batch) {
        String text = String.format(Locale.ROOT,
                "Batch %s: %s, %,d of %,d rows done: %,d success, %,d error, %,d in doubt, %,d duplicate, %,d rejected;"
                        + " %,d in flight, %,d wait",
                batch.path("batch").asText(), batch.path("state").asText(), batch.path("done").asLong(),
                batch.path("rows").asLong(), batch.path("success").asLong(), batch.path("error").asLong(),
                batch.path("in_doubt").asLong(), batch.path("duplicate").asLong(), batch.path("rejected").asLong(),
                batch.path("in_flight").asLong(), batch.path("waiting").asLong());
        if (batch.path("reason").isTextual()) {
            text += System.lineSeparator() + "  " + batch.path("reason").asText();
        }
        JsonNode stop = batch.path("stopped");
        if (!stop.isObject()) {
            return text;
        }
        return text + System.lineSeparator() + "  " + stop.path("kind").asText() + " since "
                + stop.path("since").asText() + " by " + stop.path("by").asText()
                + (stop.path("reason").isTextual() ? ": " + stop.path("reason").asText() : "")
                + (stop.path("until").isTextual() ? ", until " + stop.path("until").asText() : "");
    }
}
