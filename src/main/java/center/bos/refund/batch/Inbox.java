package center.bos.refund.batch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Body;
import org.apache.camel.component.file.GenericFile;

import center.bos.refund.csv.CsvRefused;
import center.bos.refund.ledger.Batch;

/** Takes files that were dropped into the inbox. */
@ApplicationScoped
@Named("inbox")
public class Inbox {
    private final Intake intake;

    Inbox(Intake intake) {
        this.intake = intake;
    }

    /**
     * Accepts a file, or puts it aside with the reason.
     *
     * @return the batch to work, or null when the file was refused
     * @throws IOException if the file cannot be read or moved; it stays in the inbox and is taken again
     */
    public Batch take(@Body GenericFile<File> file) throws IOException {
        Path path = file.getFile().toPath(); // the body as a File has lost a backslash in its name
        try {
            return intake.moveIn(Intake.inspect(path));
        } catch (CsvRefused e) {
            intake.refuse(path, e.getMessage());
            return null;
        }
    }
}
