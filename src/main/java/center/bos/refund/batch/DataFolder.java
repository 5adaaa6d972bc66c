package center.bos.refund.batch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Ownership;
import io.quarkus.runtime.Quarkus;

/** The folder {@code refund.data}, held by one process at a time. */
@ApplicationScoped
public class DataFolder implements Ownership {
    private final Path data;
    private final String node;
    private FileChannel lockFile;
    private FileLock lock;

    DataFolder(RefundConfig config) {
        data = config.data().toAbsolutePath().normalize();
        node = config.node();
    }

    /** Thrown when another process holds the folder. */
    public static final class InUse extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InUse(Path data) {
            super("the data folder " + data + " is in use by another process (a running serve or send): stop that one,"
                    + " wait for it to end, or drop the file into " + data.resolve("inbox"));
        }
    }

    /** Thrown when the folder cannot be made or written. */
    public static final class Unwritable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unwritable(Path data, IOException cause) {
            super("the data folder " + data + " cannot be written: " + cause.getMessage(), cause);
        }
    }

    /** Does nothing: whoever reaches this holds the folder. */
    @Override
    public void take() {
    }

    @Override
    public void lost() {
        Quarkus.asyncExit();
    }

    @PostConstruct
    void open() {
        try {
            for (Path folder : new Path[]{inbox(), claimed(), outbox(), archive(), refused(), uploads()}) {
                DurableFile.folder(folder);
            }
            lockFile = FileChannel.open(data.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = lockFile.tryLock();
            if (lock != null) {
                sweep(uploads());
            }
        } catch (OverlappingFileLockException e) {
            throw new InUse(data);
        } catch (IOException e) {
            throw new Unwritable(data, e);
        }
        if (lock == null) {
            throw new InUse(data);
        }
    }

    /** Whatever stands there was cut off on its way in, by the end of another process: what was accepted is in the archive. */
    private static void sweep(Path uploads) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(uploads, Files::isRegularFile)) {
            for (Path file : left) {
                Files.delete(file);
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

    /** Where this node puts what it takes out of the inbox, which it may share with others, before it reads it. */
    Path claimed() {
        return inbox().resolve("." + node);
    }

    /** Where results come back. */
    public Path outbox() {
        return data.resolve("outbox");
    }

    /** Where a batch's results are. */
    public Path results(String batch) {
        return outbox().resolve(batch);
    }

    /** Where uploads, and files that are fetched, are written before they are accepted; swept at each start. */
    public Path uploads() {
        return data.resolve(".uploads");
    }

    Path archive() {
        return data.resolve("archive");
    }

    Path refused() {
        return archive().resolve("refused");
    }

    /** Where a batch's input is kept from the moment at which it is accepted. */
    Path archived(String batch) {
        return archive().resolve(batch + ".csv");
    }
}
