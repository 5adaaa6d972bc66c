// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.folder.DurableFile;
import center.bos.refund.ledger.Batches;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.ConsoleLink;
import center.bos.refund.model.LogFields;
import center.bos.refund.results.SummaryFile;

/**
 * Accepts files. A file is accepted once it is in the ledger; from then on the archive has its content, and the batch continues
 * after any crash.
 */
@ApplicationScoped
public class Intake {
    private static final Logger LOG = Logger.getLogger(Intake.class);
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss")
            .withZone(ZoneOffset.UTC);

    private final DataFolder folder;
    private final Ledger ledger;
    private final SummaryFile summaries;
    private final String node;
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    /** Refused batches whose reason could not be written. */
    private final Set<String> unsaid = ConcurrentHashMap.newKeySet();

    Intake(DataFolder folder, Ledger ledger, SummaryFile summaries, RefundConfig config) {
        this.folder = folder;
        this.node = config.node();
        this.ledger = ledger;
        this.summaries = summaries;
    }

    /** Inspects a file before it becomes a batch. */
    public static CsvFile inspect(Path file) throws CsvRefused, IOException {
        FileName.require(file);
        return CsvFile.inspect(file);
    }

    /**
     * A file that was taken.
     *
     * @param attributes the file's attributes when its content was accepted
     */
    record Taken(Batch batch, BasicFileAttributes attributes) {
    }

    /**
     * Accepts a file of the inbox. The file itself goes to {@link DataFolder#taken()}, where its writer may go on writing it, and
     * a copy to the archive, at the latest when its rows are read.
     *
     * @throws IOException if it cannot be copied or moved; it stays where it is and is taken again
     */
    Taken take(Path file) throws CsvRefused, IOException {
        FileName.require(file);
        return take(file, file.getFileName().toString(), null);
    }

    /** The same for a file that was written to after it was taken as that batch. */
    Taken takeAgain(Path file, Batch before) throws CsvRefused, IOException {
        if (before.state() == Batch.State.OPEN) { // its rows may not be read yet, and the original goes to another batch
            folder.archive(before);
        }
        return take(file, before.file(), before);
    }

    private synchronized Taken take(Path file, String name, Batch before) throws CsvRefused, IOException {
        BasicFileAttributes attributes = attributes(file);
        Path copy = folder.upload();
        try {
            Files.copy(file, copy);
            CsvFile csv = CsvFile.inspect(copy);
            if (!attributes(file).lastModifiedTime().equals(attributes.lastModifiedTime())
                    || csv.size() != attributes.size()) {
                throw new IOException(file + " has changed while it was read");
            }
            // One whose original is not kept was registered by a run that stopped before it had taken the same file.
            Predicate<Batch> goesOn = open -> open.file().equals(name) && !open.again()
                    && Files.notExists(folder.taken(open.id()));
            String id = FileName.batchId(name, csv.sha256());
            Batch batch = before == null
                    ? ledger.batches().register(id, name, content(csv, "inbox"), false, goesOn)
                    : ledger.batches().registerAgain(before, id, content(csv, "inbox"), goesOn);
            taken.add(batch.id());
            DurableFile.moveWritten(file, folder.taken(batch.id()));
            archive(copy, batch);
            sayAccepted(name, batch.id(), csv);
            return new Taken(batch, attributes);
        } catch (CsvRefused e) {
            throw new CsvRefused(Path.of(name), e.reason());
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /**
     * Withdraws a batch that an earlier run registered before it moved the claimed file, if the file was written to since: it becomes
     * another batch.
     */
    synchronized void withdrawIfChanged(Batch batch) throws IOException {
        Path claimed = folder.claimed().resolve(batch.file());
        if (!hasTaken(batch.id()) && Files.exists(claimed) && !CsvFile.sha256(claimed).equals(batch.sha256())) {
            ledger.batches().withdraw(batch);
        }
    }

    private void archive(Path copy, Batch batch) {
        try {
            DurableFile.moveWritten(copy, folder.archived(batch.id()));
        } catch (IOException e) {
            LOG.debugf("Batch %s is archived when its rows are read: %s", batch.id(), e);
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Accepts a file that stays where it is; a copy goes to the archive. The same content continues its unfinished batch, whatever
     * its name; {@link #begunOtherwise} tells whether that is possible.
     *
     * @param again whether pairs that were sent before are sent too
     * @param by who sends it
     * @param others batches of other files of the same command, which it must not continue
     * @return the batch to work
     * @throws IOException if the file cannot be copied; then nothing was accepted
     */
    public Batch copyIn(CsvFile csv, boolean again, String by, Set<String> others) throws IOException {
        Path copy = folder.upload();
        try {
            Files.copy(csv.path(), copy);
            if (!CsvFile.sha256(copy).equals(csv.sha256())) {
                throw new IOException(csv.path() + " has changed while it was read: run the command again");
            }
            String name = csv.path().getFileName().toString();
            Batch batch = ledger.batches().register(FileName.batchId(name, csv.sha256()), name, content(csv, by), again,
                    open -> open.again() == again && (open.file().equals(name) || !others.contains(open.id())));
            if (Files.notExists(folder.archived(batch.id()))) {
                DurableFile.moveWritten(copy, folder.archived(batch.id()));
            }
            sayAccepted(name, batch.id(), csv);
            return batch;
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** The unfinished batch of the same content that was begun with the other value of {@code again}, and cannot be continued. */
    public Optional<Batch> begunOtherwise(CsvFile csv, boolean again) {
        return ledger.batches().open().stream()
                .filter(open -> open.sha256().equals(csv.sha256()) && open.again() != again).findFirst();
    }

    /** Whether the ledger can be written now. */
    boolean isPossible() {
        return ledger.trouble().isEmpty();
    }

    /** Whether this process took the batch from the inbox and processes it already. */
    boolean hasTaken(String batch) {
        return taken.contains(batch);
    }

    /**
     * Accepts an uploaded file from the data folder. Its name identifies the upload: the same name and content give the same
     * batch.
     *
     * @param chosen how the person's file is called, if the caller says so
     * @param again whether pairs that were sent before are sent too
     * @throws IOException if it cannot be moved; then nothing was accepted
     */
    public Batch takeUpload(CsvFile csv, String name, Optional<String> chosen, boolean again, String by)
            throws IOException {
        // with a slash, which no file of the inbox has in its name: one of the same name and content does not continue this batch
        String file = chosen.map(FileName::safe).map("upload/"::concat).orElse(name);
        String id = FileName.batchId(name, csv.sha256());
        // In the archive first: what is in the ledger has its file, and a file that is not in the ledger harms nobody.
        boolean isNew = Files.notExists(folder.archived(id));
        if (isNew) {
            DurableFile.moveWritten(csv.path(), folder.archived(id));
        }
        Batch batch = ledger.batches().registerOnce(id, file, content(csv, by), again);
        if (isNew && batch.node().equals(node)) {
            sayAccepted(file, batch.id(), csv);
        } else if (isNew) { // the same under its Idempotency-Key was taken by another node, which has the file
            Files.deleteIfExists(folder.archived(id));
        }
        return batch;
    }

    /**
     * The result of accepting a fetched file.
     *
     * @param toDo the batch to process, or null if there is nothing to do
     */
    public record Fetched(String batch, Batch toDo) {
    }

    /**
     * Accepts a fetched file from the data folder, or refuses it with the reason. Name, time and content identify it: a file that
     * is fetched again is the same batch and is not processed again. Its results are owed to the server.
     *
     * @param modified its modification time on the server
     * @throws IOException if it cannot be moved; then it must be fetched again
     */
    public Fetched takeFetched(Path file, Instant modified) throws IOException {
        String name = FileName.safe(file.getFileName().toString());
        // the client takes * and ? in a path that it writes to for a pattern
        String standsFor = FileName.stem(name).replaceAll("[*?]", "_") + "-" + SECOND.format(modified);
        try {
            CsvFile csv = inspect(file);
            String id = FileName.id(standsFor, csv.sha256());
            if (ledger.batches().find(id).isPresent()) {
                Files.delete(file);
                return new Fetched(id, null);
            }
            ledger.deliveries().owe(id);
            DurableFile.moveWritten(file, folder.archived(id)); // before the ledger, as with an upload
            taken.add(id);
            Batch batch = ledger.batches().registerOnce(id, name, content(csv, "SFTP"), false);
            sayAccepted(name, id, csv);
            return new Fetched(id, batch);
        } catch (CsvRefused e) {
            String sha256 = CsvFile.sha256(file);
            String id = FileName.id(standsFor, sha256);
            ledger.deliveries().owe(id);
            Batch batch = ledger.batches().find(id)
                    .orElseGet(() -> ledger.batches().registerRefused(id, name, sha256, e.getMessage(),
                            Optional.empty(), same -> false));
            putAside(file, batch);
            return new Fetched(id, null);
        }
    }

    private static Batches.Content content(CsvFile csv, String by) {
        return new Batches.Content(csv.sha256(), csv.size(), csv.rowCount(), by);
    }

    /**
     * Moves a file that cannot be used out of the inbox, and writes the reason into its result folder. One that its writer may go on
     * writing goes to {@link DataFolder#taken()}.
     *
     * @throws IOException if that fails; the file stays where it is and is taken again
     */
    void refuse(Path file, String name, String reason) throws IOException {
        refuse(file, name, reason, Optional.empty());
    }

    /** The same for a file that was written to after it was taken, or refused, as that batch. */
    void refuseAgain(Path file, Batch before, String reason) throws IOException {
        refuse(file, before.file(), reason, Optional.of(before));
    }

    private void refuse(Path file, String name, String reason, Optional<Batch> before) throws IOException {
        String sha256 = CsvFile.sha256(file);
        String safe = FileName.safe(name);
        // One without its file was registered when the same file could not be put aside.
        Batch refused = ledger.batches().registerRefused(FileName.batchId(safe, sha256), safe, sha256, reason, before,
                same -> Files.notExists(folder.refused(same.id())) && Files.notExists(folder.taken(same.id())));
        // first out of the way: who reads the summary may drop a mended file under the same name
        if (safe.equals(name) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            DurableFile.move(file, folder.taken(refused.id()));
            copyAside(refused);
        } else {
            putAside(file, refused);
        }
    }

    /** Copies the refused original, which its writer may go on writing. */
    void copyAside(Batch refused) throws IOException {
        Path copy = folder.upload();
        try {
            Files.copy(folder.taken(refused.id()), copy);
            unsaid.add(refused.id());
            putAside(copy, refused);
            unsaid.remove(refused.id());
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** Whether the file of a refused batch is aside and its reason written, as far as this process knows. */
    boolean isAside(Batch refused) {
        return Files.exists(folder.refused(refused.id())) && !unsaid.contains(refused.id());
    }

    private void putAside(Path file, Batch refused) throws IOException {
        DurableFile.move(file, folder.refused(refused.id()));
        summaries.write(refused, ledger.audit().newest());
        LogFields.of(refused.id(),
                () -> LOG.errorf("Refused, put into archive/refused: %s (batch %s); console: %s", refused.reason(),
                        refused.id(), ConsoleLink.batch(refused.id())));
    }

    private static void sayAccepted(String name, String batch, CsvFile csv) {
        LogFields.of(batch, () -> LOG.infof("Accepted %s as batch %s: %d %s; console: %s", name, batch,
                csv.rowCount(), csv.rowCount() == 1 ? "row" : "rows", ConsoleLink.batch(batch)));
    }
}
