// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.jboss.logging.Logger;

import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.TroubleLog;

/**
 * The originals of files that were taken from the inbox, or refused; the archive has copies. A program that still has one open
 * goes on writing it here. When it stops changing again, it becomes another batch, in which rows that were accepted before are
 * duplicates.
 */
@ApplicationScoped
@Named("takenFiles")
public class TakenFiles {
    private static final Logger LOG = Logger.getLogger(TakenFiles.class);
    /** How long an original is kept after it was taken, at least until its batch is over. */
    private static final Duration KEPT = Duration.ofHours(1);

    private final DataFolder folder;
    private final Ledger ledger;
    private final Intake intake;
    private final Settling settling = new Settling();
    private final TroubleLog trouble = new TroubleLog(LOG::error);
    private final Map<Path, Sight> known = new ConcurrentHashMap<>();

    /** A file's attributes when its content was last compared with the accepted one. */
    private record Sight(long size, FileTime modified, long since) {
        static Sight of(BasicFileAttributes file) {
            return new Sight(file.size(), file.lastModifiedTime(), System.nanoTime());
        }

        boolean isOf(BasicFileAttributes file) {
            return size == file.size() && modified.equals(file.lastModifiedTime());
        }

        boolean isLongAgo() {
            return System.nanoTime() - since > KEPT.toNanos();
        }
    }

    TakenFiles(DataFolder folder, Ledger ledger, Intake intake) {
        this.folder = folder;
        this.ledger = ledger;
        this.intake = intake;
    }

    /** Notes the file as accepted; returns its batch. */
    Batch keep(Intake.Taken taken) {
        known.put(folder.taken(taken.batch().id()), Sight.of(taken.attributes()));
        return taken.batch();
    }

    /**
     * Checks all of them.
     *
     * @return the batches of those that were written to after they were taken
     */
    public List<Batch> takeAgain() throws IOException {
        List<Batch> again = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.taken(), "*.csv")) {
            for (Path file : files) {
                try {
                    look(file).ifPresent(again::add);
                } catch (IOException | LedgerUnavailable e) { // what was found before must still be handed on
                    trouble.say(
                            "A file that was written to after it was taken cannot be taken again; it is tried"
                                    + " until it can: " + FileTrouble.text(e));
                }
            }
        }
        return again;
    }

    private Optional<Batch> look(Path file) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        Sight sight = known.get(file);
        if (sight != null && sight.isOf(now)) {
            if (sight.isLongAgo() && isOver(file)) {
                return forget(file);
            }
            return Optional.empty();
        }
        if (!settling.hasSettled(file.toString(), now.size(), now.lastModifiedTime().toMillis(),
                Settling.endsWithinALine(file))) {
            return Optional.empty();
        }
        finishRefusal(file);
        return isAsAccepted(file, now) ? Optional.empty() : takeAgain(file);
    }

    /** Puts a refused file aside whose refusal was interrupted. */
    private void finishRefusal(Path file) throws IOException {
        Optional<Batch> refused = batch(file)
                .filter(batch -> batch.state() == Batch.State.REFUSED && !intake.isAside(batch));
        if (refused.isPresent()) {
            intake.copyAside(refused.get());
        }
    }

    /** Whether the content is unchanged since it was accepted. */
    private boolean isAsAccepted(Path file, BasicFileAttributes now) throws IOException {
        Optional<Batch> batch = batch(file);
        boolean same = batch.isPresent() && CsvFile.sha256(file).equals(batch.get().sha256());
        if (same) {
            known.put(file, Sight.of(now));
        }
        return same;
    }

    private Optional<Batch> batch(Path file) {
        return ledger.batches().find(DataFolder.batch(file));
    }

    private boolean isOver(Path file) {
        return batch(file).filter(batch -> batch.state() == Batch.State.OPEN).isEmpty();
    }

    /** Compares the content once more, for file systems that do not show every change. */
    private Optional<Batch> forget(Path file) throws IOException {
        if (!isAsAccepted(file, Files.readAttributes(file, BasicFileAttributes.class))) {
            return takeAgain(file);
        }
        Files.delete(file);
        known.remove(file);
        return Optional.empty();
    }

    private Optional<Batch> takeAgain(Path file) throws IOException {
        Batch before = batch(file)
                .orElseThrow(() -> new IOException(
                        "the ledger has no batch of " + file + ", as a restored backup may have none:"
                                + " its rows may have been sent (docs/operations.md, Restore it)"));
        known.remove(file);
        try {
            Batch batch = keep(intake.takeAgain(file, before));
            LOG.warnf(
                    "%s was written to after it was %s as batch %s. The whole file is now batch %s%s. Let its writer write"
                            + " x.csv.part and rename it",
                    before.file(), before.state() == Batch.State.REFUSED ? "refused" : "taken", before.id(), batch.id(),
                    before.state() == Batch.State.REFUSED
                            ? ""
                            : ", in which the rows that were accepted before are duplicates");
            return Optional.of(batch);
        } catch (CsvRefused e) {
            intake.refuseAgain(file, before, e.getMessage());
            return Optional.empty();
        }
    }
}
