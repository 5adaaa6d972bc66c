package center.bos.refund.folder;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.jboss.logging.Logger;

import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;

/**
 * The files in the archive, as they were accepted. A file is taken by a rename, so a program that goes on writing it
 * afterwards writes into the archive: then what was accepted stays there, and the whole goes back into the inbox, where it
 * is a file like any other and the rows that were accepted before are duplicates.
 */
@ApplicationScoped
@Named("archivedFiles")
public class ArchivedFiles {
    private static final Logger LOG = Logger.getLogger(ArchivedFiles.class);
    private static final Duration WATCHED = Duration.ofMinutes(10);
    private static final int MOST_NAMES = 1_000;

    private final DataFolder folder;
    private final Map<Batch, Taken> watched = new ConcurrentHashMap<>();

    ArchivedFiles(DataFolder folder) {
        this.folder = folder;
    }

    /**
     * The file of a batch.
     *
     * @throws IOException if it cannot be read or is not what was accepted
     * @throws CsvRefused if it is not what was accepted
     */
    public CsvFile open(Batch batch) throws IOException, CsvRefused {
        giveBackIfGrown(batch, batch.size());
        CsvFile csv = CsvFile.inspect(folder.archived(batch.id()));
        if (!csv.sha256().equals(batch.sha256())) {
            throw new IOException("the archived file of batch " + batch.id() + " was changed");
        }
        return csv;
    }

    /** For some minutes from now on {@link #giveBackGrown()} looks whether the file of that batch has more bytes than these. */
    public void watch(Batch batch, long size) {
        watched.put(batch, new Taken(size, System.nanoTime()));
    }

    private record Taken(long size, long at) {
        boolean isLongAgo() {
            return System.nanoTime() - at > WATCHED.toNanos();
        }
    }

    /** Looks at the files that were taken lately. */
    public void giveBackGrown() {
        watched.forEach((batch, taken) -> {
            try {
                giveBackIfGrown(batch, taken.size());
            } catch (IOException e) {
                LOG.warnf("%s went on being written after it was taken as batch %s, and cannot be given back: %s",
                        batch.file(), batch.id(), FileTrouble.text(e));
                watched.remove(batch);
            }
        });
        watched.values().removeIf(Taken::isLongAgo);
    }

    private synchronized void giveBackIfGrown(Batch batch, long accepted) throws IOException {
        Path file = folder.archived(batch.id());
        if (Files.notExists(file) || Files.size(file) <= accepted) {
            return;
        }
        Path part = DurableFile.part(file);
        DurableFile.copyStart(file, accepted, part);
        if (!FileHash.sha256(part).equals(batch.sha256())) {
            throw new IOException("the archived file of batch " + batch.id() + " was changed");
        }
        Path again = intoInbox(file, batch.file());
        DurableFile.move(part, file);
        watched.remove(batch);
        LOG.warnf(
                "%s went on being written after it had stood still and was taken: its first %d rows are batch %s. All of it"
                        + " is in the inbox again as %s, where those rows are duplicates. Let its writer write x.csv.part and"
                        + " rename it",
                batch.file(), batch.rows(), batch.id(), again.getFileName());
    }

    /** The same file by a second name, so that its writer goes on writing it there. */
    private Path intoInbox(Path file, String name) throws IOException {
        int dot = name.lastIndexOf('.');
        Path inbox = folder.inbox().resolve(name);
        for (int number = 2; number < MOST_NAMES; number++) {
            try {
                return Files.createLink(inbox, file);
            } catch (FileAlreadyExistsException e) {
                inbox = folder.inbox().resolve(name.substring(0, dot) + "-" + number + name.substring(dot));
            } catch (UnsupportedOperationException | FileSystemException e) {
                LOG.debug("a file system without links", e);
                return Files.copy(file, inbox);
            }
        }
        throw new FileAlreadyExistsException(inbox.toString());
    }
}
