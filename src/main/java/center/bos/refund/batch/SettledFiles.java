package center.bos.refund.batch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;

/**
 * Lets the file trigger see a file once it has stopped changing. It looks and does not wait, so that one file holds up no
 * other; and it judges by its own clock, because a writer may set the file's times. What is not a regular file cannot be
 * waited for and is let through, to be refused.
 */
@ApplicationScoped
@Named("settledFiles")
public class SettledFiles implements GenericFileFilter<File> {
    private static final Duration QUIET = Duration.ofSeconds(1);
    /** Many programs create a file well before they write its first line. */
    private static final Duration QUIET_WHEN_EMPTY = Duration.ofSeconds(5);
    private static final int MOST_WATCHED = 10_000;

    private final Map<Path, Sight> watched = new ConcurrentHashMap<>();

    private record Sight(long size, FileTime modified, long since) {
        boolean sameAs(Sight other) {
            return other != null && size == other.size && modified.equals(other.modified);
        }
    }

    @Override
    public boolean accept(GenericFile<File> candidate) {
        if (candidate.isDirectory()) {
            return false;
        }
        Path file = candidate.getFile().toPath();
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return !now.isRegularFile() || hasSettled(file, now);
        } catch (IOException e) {
            return false; // taken away again
        }
    }

    private boolean hasSettled(Path file, BasicFileAttributes attributes) {
        Sight now = new Sight(attributes.size(), attributes.lastModifiedTime(), System.nanoTime());
        Sight before = watched.get(file);
        if (!now.sameAs(before)) {
            if (watched.size() >= MOST_WATCHED) {
                watched.clear(); // of files that were taken away; the others are looked at once more
            }
            watched.put(file, now);
            return false;
        }
        Duration quiet = now.size == 0 ? QUIET_WHEN_EMPTY : QUIET;
        if (now.since - before.since < quiet.toNanos()) {
            return false;
        }
        watched.remove(file);
        return true;
    }
}
