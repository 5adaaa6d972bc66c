// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import jakarta.enterprise.context.ApplicationScoped;

import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.model.Batch;

/** The files in the archive, as they were accepted: copies of which no other program has one open. */
@ApplicationScoped
public class ArchivedFiles {
    private final DataFolder folder;

    ArchivedFiles(DataFolder folder) {
        this.folder = folder;
    }

    /**
     * The file of a batch.
     *
     * @throws CsvRefused if it is not what was accepted
     */
    public CsvFile open(Batch batch) throws IOException, CsvRefused {
        Path file = folder.archived(batch.id());
        if (Files.notExists(file)) {
            throw new IOException(
                    file + " is not there: put the accepted file there, byte for byte, or send or drop it again");
        }
        CsvFile csv = CsvFile.inspect(file);
        if (!csv.sha256().equals(batch.sha256())) {
            throw new IOException(file + " was changed: put the accepted file there, byte for byte");
        }
        return csv;
    }
}
