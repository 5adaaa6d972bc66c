package center.bos.refund.batch;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Body;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

import center.bos.refund.csv.CsvRefused;
import center.bos.refund.csv.CsvRow;
import center.bos.refund.csv.CsvRows;
import center.bos.refund.ledger.Batch;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.queue.Chunk;

/** Reads the archived file of a batch from its first row, as the chunks that go on the work queue. */
@ApplicationScoped
@Named("batchChunks")
public class BatchChunks {
    private final ArchivedFiles archive;
    private final Ledger ledger;
    private final BatchTroubles troubles;
    private final ObjectWriter json;

    BatchChunks(ArchivedFiles archive, Ledger ledger, BatchTroubles troubles, ObjectMapper json) {
        this.archive = archive;
        this.ledger = ledger;
        this.troubles = troubles;
        this.json = json.writerFor(Chunk.class);
    }

    /**
     * The chunks as JSON, without the rows that already have their outcome.
     *
     * @throws IOException if the file cannot be read
     * @throws CsvRefused if it is not the file that was accepted
     */
    public Iterator<String> read(@Body Batch batch) throws IOException, CsvRefused {
        Chunks chunks = new Chunks(batch, archive.open(batch).rows());
        troubles.over(batch);
        return chunks;
    }

    private final class Chunks implements Iterator<String>, Closeable {
        private final Batch batch;
        private final CsvRows rows;
        private String next;

        Chunks(Batch batch, CsvRows rows) {
            this.batch = batch;
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            while (next == null && rows.hasNext()) {
                next = chunk();
            }
            return next != null;
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            String chunk = next;
            next = null;
            return chunk;
        }

        private String chunk() {
            List<CsvRow> read = new ArrayList<>(Chunk.LARGEST);
            while (read.size() < Chunk.LARGEST && rows.hasNext()) {
                read.add(rows.next());
            }
            long first = read.get(0).line();
            BitSet settled = ledger.batches().settledLines(batch.id(), first, read.get(read.size() - 1).line());
            List<Chunk.Row> toDo = read.stream().filter(row -> !settled.get((int) (row.line() - first)))
                    .map(BatchChunks::row).toList();
            try {
                return toDo.isEmpty() ? null : json.writeValueAsString(new Chunk(batch.id(), batch.again(), toDo));
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            rows.close();
        }
    }

    private static Chunk.Row row(CsvRow row) {
        return row.rejected()
                ? new Chunk.Row(row.line(), null, null, row.rejection())
                : new Chunk.Row(row.line(), row.referenceid(), row.ackno(), null);
    }
}
