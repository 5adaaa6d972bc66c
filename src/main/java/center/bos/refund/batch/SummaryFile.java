package center.bos.refund.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

import center.bos.refund.ledger.Batch;

/** Writes {@code summary.json}, whose presence tells that a batch is over. */
@ApplicationScoped
public class SummaryFile {
    private final DataFolder folder;
    private final ObjectWriter json;

    SummaryFile(DataFolder folder, ObjectMapper json) {
        this.folder = folder;
        this.json = json.writerWithDefaultPrettyPrinter();
    }

    void write(Batch batch) throws IOException {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("batch", batch.id());
        summary.put("file", batch.file());
        summary.put("sha256", batch.sha256());
        summary.put("rows", batch.rows());
        summary.put("success", batch.success());
        summary.put("error", batch.error());
        summary.put("in_doubt", batch.inDoubt());
        summary.put("duplicate", batch.duplicate());
        summary.put("rejected", batch.rejected());
        summary.put("started_at", text(batch.startedAt()));
        summary.put("finished_at", text(batch.finishedAt()));
        summary.put("state", batch.state().name().toLowerCase(Locale.ROOT));
        if (batch.reason() != null) {
            summary.put("reason", batch.reason());
        }
        Path target = path(batch.id());
        DurableFile.folder(target.getParent());
        DurableFile.write(target, json.writeValueAsBytes(summary));
    }

    /** Takes the sign away that the batch is over. */
    void remove(String batch) throws IOException {
        Files.deleteIfExists(path(batch));
    }

    private Path path(String batch) {
        return folder.results(batch).resolve("summary.json");
    }

    private static String text(Instant time) {
        return time == null ? null : time.toString();
    }
}
