// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.folder;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jboss.logging.Logger;

import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.TroubleLog;

/** File operations that survive a crash: the content is synced to disk before the name appears. */
public final class DurableFile {
    private static final Logger LOG = Logger.getLogger(DurableFile.class);
    private static final TroubleLog TROUBLE = new TroubleLog(LOG::error);
    private static final AtomicBoolean CANNOT_SYNC = new AtomicBoolean();
    private DurableFile() {
    }

    public static void write(Path target, byte[] content) throws IOException {
        Path part = part(target);
        Files.write(part, content);
        sync(part);
        move(part, target);
    }

    /** A link is copied as a link: what it points to may be none of this program's business. */
    private static void copy(Path source, Path target) throws IOException {
        Path part = part(target);
        Files.copy(source, part, StandardCopyOption.REPLACE_EXISTING, LinkOption.NOFOLLOW_LINKS);
        if (!Files.isSymbolicLink(part)) {
            sync(part);
        }
        move(part, target);
    }

    /** Moves a file whose content may not be synced yet. */
    public static void moveWritten(Path source, Path target) throws IOException {
        sync(source);
        move(source, target);
    }

    /** Renames, or copies between file systems. */
    public static void move(Path source, Path target) throws IOException {
        try {
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (java.nio.file.AtomicMoveNotSupportedException e) {
            copy(source, target);
            Files.delete(source);
        }
        syncNames(target.getParent());
        if (!source.getParent().equals(target.getParent())) {
            syncNames(source.getParent());
        }
    }

    /** Makes a folder and its missing parents, and syncs each name. */
    public static Path folder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            if (folder.getParent() != null) {
                folder(folder.getParent());
            }
            Files.createDirectories(folder);
            syncNames(folder.toAbsolutePath().getParent());
        }
        return folder;
    }

    public static Path part(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".part");
    }

    /**
     * Makes the names in a folder durable (fsync). A failure is logged and ignored, since the rename stands. Some file systems do not
     * support it; on those a power cut may lose a name.
     */
    private static void syncNames(Path folder) {
        try {
            sync(folder);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("Invalid argument")) { // EINVAL: not supported
                if (!CANNOT_SYNC.getAndSet(true)) {
                    LOG.warnf("The file system of %s cannot make names durable (fsync of a folder: %s):"
                            + " a power cut may lose files that were accepted", folder, e.getMessage());
                }
            } else {
                TROUBLE.say(
                        "The names in " + folder + " may not be durable, a power cut may lose files that were accepted:"
                                + " " + FileTrouble.text(e));
            }
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
