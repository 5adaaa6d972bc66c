// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Body;
import org.apache.camel.component.file.GenericFile;
import org.jboss.logging.Logger;

import center.bos.refund.csv.CsvRefused;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.model.Batch;

/** Takes files from the inbox. If nodes share the inbox, one node takes each file. */
@ApplicationScoped
@Named("inbox")
public class Inbox {
    private static final Logger LOG = Logger.getLogger(Inbox.class);

    private final Intake intake;
    private final DataFolder folder;
    private final TakenFiles takenFiles;

    Inbox(Intake intake, DataFolder folder, TakenFiles takenFiles) {
        this.intake = intake;
        this.folder = folder;
        this.takenFiles = takenFiles;
    }

    /**
     * Claims a file of the inbox by a rename, which succeeds on one node only. The file stays in the inbox while another of the
     * same name is being taken, or the ledger cannot be written.
     */
    public void claim(@Body GenericFile<File> file) throws IOException {
        Path path = path(file);
        Path claimed = folder.claimed().resolve(path.getFileName());
        if (intake.isPossible() && Files.notExists(claimed, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.move(path, claimed, StandardCopyOption.ATOMIC_MOVE);
            } catch (NoSuchFileException e) {
                LOG.debugf("%s was taken by another node, or away", path);
            }
        }
    }

    /** The modification time of the oldest file of the inbox that is not taken yet, claimed or not, if there is one. */
    public Optional<Instant> oldest() throws IOException {
        try (Stream<Path> dropped = Files.list(folder.inbox()); Stream<Path> claimed = Files.list(folder.claimed())) {
            return Stream.concat(dropped, claimed)
                    .map(Path::toFile).filter(Inbox::isMeant).map(File::lastModified).filter(millis -> millis > 0)
                    .min(Long::compare)
                    .map(Instant::ofEpochMilli);
        }
    }

    /** As Camel sees it, which passes over folders and names that begin with a dot. */
    private static boolean isMeant(File file) {
        String name = file.getName().toLowerCase(Locale.ROOT);
        return name.endsWith(".csv") && !name.startsWith(".") && !file.isDirectory();
    }

    private static Path path(GenericFile<File> file) {
        return file.getFile().toPath(); // the body as a File has lost a backslash in its name
    }

    /**
     * Accepts a file that this node has claimed, or refuses it with the reason.
     *
     * @return the batch to work, or null when the file was refused
     * @throws IOException if the file cannot be read or moved; it stays where it is and is taken again
     */
    public Batch take(@Body GenericFile<File> file) throws IOException {
        Path path = path(file);
        try {
            return takenFiles.keep(intake.take(path));
        } catch (CsvRefused e) {
            intake.refuse(path, path.getFileName().toString(), e.getMessage());
            return null;
        }
    }
}
