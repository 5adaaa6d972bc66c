package center.bos.refund.folder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** File operations that stand after a crash: the content is on the disk before the name appears. */
public final class DurableFile {
    private DurableFile() {
    }

    public static void write(Path target, byte[] content) throws IOException {
        Path part = part(target);
        Files.write(part, content);
        sync(part);
        move(part, target);
    }

    public static void copy(Path source, Path target) throws IOException {
        Path part = part(target);
        Files.copy(source, part, StandardCopyOption.REPLACE_EXISTING);
        sync(part);
        move(part, target);
    }

    /** Copies the first bytes of a file that may be growing. */
    static void copyStart(Path source, long bytes, Path target) throws IOException {
        Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
            channel.force(true);
        }
    }

    /** Moves a file whose content may not be on the disk yet. */
    public static void moveWritten(Path source, Path target) throws IOException {
        sync(source);
        move(source, target);
    }

    /** Renames, or copies where the two are on different file systems. */
    public static void move(Path source, Path target) throws IOException {
        try {
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (java.nio.file.AtomicMoveNotSupportedException e) {
            copy(source, target);
            Files.delete(source);
        }
        sync(target.getParent());
        if (!source.getParent().equals(target.getParent())) {
            sync(source.getParent());
        }
    }

    /** Makes a folder and those above it that are missing, each so that its name stands. */
    public static Path folder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            if (folder.getParent() != null) {
                folder(folder.getParent());
            }
            Files.createDirectories(folder);
            sync(folder.toAbsolutePath().getParent());
        }
        return folder;
    }

    public static Path part(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".part");
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
