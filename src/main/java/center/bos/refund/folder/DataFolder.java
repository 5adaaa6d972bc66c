// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.folder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.node.Ownership;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.configuration.ConfigUtils;

/** The folder {@code refund.data}, held by one process at a time. */
@ApplicationScoped
public class DataFolder implements Ownership {
    private static final Logger LOG = Logger.getLogger(DataFolder.class);
    /** Name of the file that marks a folder of the demo. */
    public static final String DEMO_MARK = ".demo";
    /** Name of the demo's ledger, which real work does not see. */
    public static final String DEMO_LEDGER = "demo.db";
    private static final String LOCK = ".lock";
    private static final int TRIES = 5;
    private static final long BETWEEN_TRIES = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String TAKEN = ".taken";

    private final Path data;
    private final String node;
    private final boolean isShared;
    private FileChannel lockFile;

    DataFolder(RefundConfig config) {
        data = config.data().toAbsolutePath().normalize();
        node = config.node();
        isShared = LedgerDatabase.isShared(config);
    }

    /** Whether the folder holds anything, and is not the demo's: work, or what a person prepared, such as a link to an outbox. */
    public static boolean holdsRealWork(Path data) throws IOException {
        if (Files.notExists(data) || Files.exists(data.resolve(DEMO_MARK))) {
            return false;
        }
        try (Stream<Path> inside = Files.list(data)) {
            return inside.findAny().isPresent();
        }
    }

    /** The folder of a demo beside real work. */
    public static Path demo(Path data) {
        return data.resolve("demo");
    }

    /** Thrown when another process holds the folder, or it cannot be made or written; says which. */
    public static final class Unusable extends RuntimeException {
        Unusable(String message, IOException cause) {
            super(message, cause);
        }
    }

    @Override
    public void lost() {
        Quarkus.asyncExit();
    }

    @PostConstruct
    void open() {
        try {
            DurableFile.folder(inbox());
            lockFile = FileChannel.open(data.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!canLock()) {
                throw inUse();
            }
            if (!ConfigUtils.isProfileActive("demo")) {
                putDemoAside();
            }
            for (Path folder : new Path[]{claimed(), taken(), outbox(), archive(), refused(), uploads()}) {
                DurableFile.folder(folder);
            }
            ServiceAddress.remove(data); // of a service that was killed
            sweep(uploads());
            if (!isShared) {
                takeBack();
            }
        } catch (OverlappingFileLockException e) {
            throw inUse();
        } catch (IOException e) {
            throw new Unusable("the data folder " + data + " cannot be written: " + FileTrouble.text(e), e);
        }
    }

    /** Tries it for a moment: a command may be looking whether the folder is held. */
    private boolean canLock() throws IOException {
        for (int i = 0; i < TRIES; i++) {
            if (lockFile.tryLock() != null) {
                return true;
            }
            LockSupport.parkNanos(BETWEEN_TRIES);
        }
        return false;
    }

    /** Whether another process, a service or a command, holds that data folder. The holder must not ask: it would lose its lock. */
    public static boolean isHeld(Path data) {
        try (FileChannel file = FileChannel.open(data.resolve(LOCK), StandardOpenOption.WRITE)) {
            return file.tryLock() == null;
        } catch (NoSuchFileException e) {
            return false;
        } catch (OverlappingFileLockException | IOException e) { // this process, or another user's
            return true;
        }
    }

    private Unusable inUse() {
        return new Unusable(
                "the data folder " + data + " is in use by another process (a running serve or send): wait for it"
                        + " to end, or stop it (a send with Ctrl-C: nothing is lost); a serve takes files in " + inbox()
                        + " and requests over REST (docs/operations.md)",
                null);
    }

    /** Moves what a demo left into the folder {@code demo}; in {@code outbox} its results would look like those of real work. */
    private void putDemoAside() throws IOException {
        if (Files.notExists(data.resolve(DEMO_MARK))) {
            return;
        }
        Path demo = demo(data);
        DurableFile.folder(demo.resolve("inbox"));
        List<Path> left = claims();
        for (String name : List.of(DEMO_LEDGER, DEMO_LEDGER + "-wal", DEMO_LEDGER + "-shm", "outbox", "archive",
                "channels", DEMO_MARK)) { // the mark last: until then the next start moves the rest
            left.add(data.resolve(name));
        }
        for (Path file : left) {
            if (isPlain(file)) {
                DurableFile.move(file, demo.resolve(data.relativize(file)));
            }
        }
        LOG.infof("What the demo left is in %s", demo);
    }

    /** Whether the file exists, and neither behind a link nor on another file system, where a person has put it since. */
    private boolean isPlain(Path file) throws IOException {
        return Files.exists(file) && file.toRealPath().equals(data.toRealPath().resolve(data.relativize(file)))
                && Files.getFileStore(file).equals(Files.getFileStore(data));
    }

    /** Deletes files whose acceptance an earlier process did not finish; accepted files are in the archive. */
    private static void sweep(Path uploads) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(uploads, Files::isRegularFile)) {
            for (Path file : left) {
                Files.delete(file);
            }
        }
    }

    /** Without other nodes: returns files that this node claimed under another name to the inbox. */
    private void takeBack() throws IOException {
        for (Path claimed : claims()) {
            if (!claimed.equals(claimed())) {
                takeBack(claimed);
            }
        }
    }

    /** The folders of files that were claimed, under whatever node names. */
    private List<Path> claims() throws IOException {
        try (Stream<Path> inside = Files.list(inbox())) {
            return inside.filter(file -> file.getFileName().toString().startsWith(".")
                    && Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)).collect(Collectors.toList());
        }
    }

    private void takeBack(Path claimed) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(claimed)) {
            for (Path file : files) {
                Path again = inbox().resolve(file.getFileName());
                if (file.endsWith(TAKEN)) {
                    keepTaken(file);
                } else if (Files.notExists(again, LinkOption.NOFOLLOW_LINKS)) {
                    Files.move(file, again);
                    LOG.warnf("%s was claimed under another node name; it is back in the inbox", again);
                }
            }
        }
    }

    private void keepTaken(Path others) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(others)) {
            for (Path file : files) {
                Files.move(file, taken().resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @PreDestroy
    void close() throws IOException {
        if (lockFile != null) {
            lockFile.close();
        }
    }

    /** Where files are dropped. */
    public Path inbox() {
        return data.resolve("inbox");
    }

    /** Where this node moves files of the inbox, which it may share with others, before it reads them. */
    public Path claimed() {
        return inbox().resolve("." + node);
    }

    /** Where the originals of taken files stay for a while, on the inbox' file system, for programs that still write them. */
    public Path taken() {
        return claimed().resolve(TAKEN);
    }

    /** The original of a batch's file. */
    public Path taken(String batch) {
        return taken().resolve(batch + ".csv");
    }

    /** The batch that a file of {@link #taken()} or {@link #archive()} is named by. */
    public static String batch(Path file) {
        return file.getFileName().toString().replaceFirst("\\.csv$", "");
    }

    /** Where results are written. */
    public Path outbox() {
        return data.resolve("outbox");
    }

    /** Where a batch's results are. */
    public Path results(String batch) {
        return outbox().resolve(batch);
    }

    /** Where uploads and fetched or copied files are written before they are accepted; emptied at each start. */
    public Path uploads() {
        return uploads(data);
    }

    /** The same of that data folder. */
    public static Path uploads(Path data) {
        return data.resolve(".uploads");
    }

    /** A new path there. */
    public Path upload() {
        return uploads().resolve(UUID.randomUUID() + ".csv");
    }

    /** Where accepted files are kept. */
    public Path archive() {
        return data.resolve("archive");
    }

    Path refused() {
        return archive().resolve("refused");
    }

    /** Where the file of a refused batch is kept. */
    public Path refused(String batch) {
        return refused().resolve(batch + ".csv");
    }

    /** Where a batch's file is kept once it is accepted. */
    public Path archived(String batch) {
        return archive().resolve(batch + ".csv");
    }

    /**
     * Opens the archived input of a batch: a copy that no other program has open. One that an interrupted run had not yet archived is
     * copied from the original, without what its writer has written behind it since.
     *
     * @throws CsvRefused if it is not what was accepted
     */
    public CsvFile accepted(Batch batch) throws IOException, CsvRefused {
        archive(batch);
        Path file = archived(batch.id());
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

    /** Copies the input of a batch from the original into the archive, if an interrupted run or a full disk left it there alone. */
    public void archive(Batch batch) throws IOException {
        if (Files.exists(archived(batch.id())) || Files.notExists(taken(batch.id()))) {
            return;
        }
        Path copy = upload();
        try {
            try (FileChannel original = FileChannel.open(taken(batch.id()), StandardOpenOption.READ);
                    FileChannel accepted = FileChannel.open(copy, StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.WRITE)) {
                long position = 0;
                for (long more = -1; more != 0; position += more) {
                    more = original.transferTo(position, batch.size() - position, accepted);
                }
            }
            DurableFile.moveWritten(copy, archived(batch.id()));
        } finally {
            Files.deleteIfExists(copy);
        }
    }
}
