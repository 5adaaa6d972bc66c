// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Body;

import center.bos.refund.csv.CsvRefused;
import center.bos.refund.csv.CsvRows;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Submission;
import center.bos.refund.results.BatchTroubles;

/** Reads the archived file of a batch from its first row, in pieces for the ledger. */
@ApplicationScoped
@Named("batchRows")
public class BatchRows {
    private final DataFolder folder;
    private final BatchTroubles troubles;

    BatchRows(DataFolder folder, BatchTroubles troubles) {
        this.folder = folder;
        this.troubles = troubles;
    }

    /** The rows of a batch's file, piece by piece. */
    public Iterator<Submission> read(@Body Batch batch) throws IOException, CsvRefused {
        Pieces pieces = new Pieces(batch, folder.accepted(batch).rows());
        troubles.over(batch);
        return pieces;
    }

    private record Pieces(Batch batch, CsvRows rows) implements Iterator<Submission>, Closeable {
        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Submission next() {
            List<NewRow> piece = new ArrayList<>(Ledger.PIECE);
            do {
                piece.add(rows.next().row());
            } while (piece.size() < Ledger.PIECE && rows.hasNext());
            return Submission.piece(batch, piece);
        }

        @Override
        public void close() throws IOException {
            rows.close();
        }
    }
}
