// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import jakarta.enterprise.context.ApplicationScoped;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

import center.bos.refund.folder.DataFolder;
import center.bos.refund.folder.DurableFile;
import center.bos.refund.ledger.Audit;
import center.bos.refund.model.Batch;

/** Writes {@code summary.json}, whose presence means that a batch is over. */
@ApplicationScoped
public class SummaryFile {
    /** The field with number and hash of the newest audit entry. */
    public static final String AUDIT = "audit";
    private static final String ASIDE = ".summary.json.aside";

    private final DataFolder folder;
    private final ObjectWriter json;

    SummaryFile(DataFolder folder, ObjectMapper json) {
        this.folder = folder;
        this.json = json.writerWithDefaultPrettyPrinter();
    }

    /**
     * Writes the summary.
     *
     * @param newest the newest audit entry, which lets a kept summary detect changes of the audit log; empty if there is none
     */
    public void write(Batch batch, Optional<Audit.Anchor> newest) throws IOException {
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
        summary.put("started_at", batch.startedAt());
        summary.put("finished_at", batch.finishedAt());
        summary.put("state", batch.state().name().toLowerCase(Locale.ROOT));
        if (batch.reason() != null) {
            summary.put("reason", batch.reason());
        }
        newest.ifPresent(anchor -> summary.put(AUDIT, anchor));
        Path target = path(batch.id());
        DurableFile.folder(target.getParent());
        DurableFile.write(target, json.writeValueAsBytes(summary));
        Files.deleteIfExists(aside(batch.id()));
    }

    /** Moves the summary aside, because the batch is open again; it can be restored until a new one is written. */
    void putAside(String batch) throws IOException {
        if (Files.exists(path(batch))) {
            DurableFile.move(path(batch), aside(batch));
        }
    }

    /** Restores what {@link #putAside(String)} moved. */
    public void putBack(String batch) throws IOException {
        if (Files.exists(aside(batch))) {
            DurableFile.move(aside(batch), path(batch));
        }
    }

    /** The batches whose summary was moved aside. */
    public List<String> allPutAside() throws IOException {
        try (Stream<Path> results = Files.list(folder.outbox())) {
            return results.filter(batch -> Files.exists(batch.resolve(ASIDE)))
                    .map(batch -> batch.getFileName().toString()).toList();
        }
    }

    private Path path(String batch) {
        return folder.results(batch).resolve("summary.json");
    }

    private Path aside(String batch) {
        return folder.results(batch).resolve(ASIDE);
    }
}
