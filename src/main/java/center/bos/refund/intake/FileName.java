// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

import center.bos.refund.csv.CsvRefused;

/** Allowed file names, and the batch ids made of them. */
final class FileName {
    /** In bytes, as file systems count; the batch's id and what is made of it are longer. */
    private static final int LONGEST = 200;
    private static final int HASH_DIGITS = 8;

    private FileName() {
    }

    /** Refuses anything but a regular file whose name can name a folder. */
    static void require(Path file) throws CsvRefused {
        if (file.getFileName() == null) {
            throw new CsvRefused(file, "is not a regular file");
        }
        String name = file.getFileName().toString();
        if (Files.isSymbolicLink(file)) {
            throw new CsvRefused(file, "is a link: give the file itself");
        }
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new CsvRefused(file, "does not exist");
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new CsvRefused(file, "is not a regular file");
        }
        if (length(name) > LONGEST || !name.equals(safe(name))) {
            throw new CsvRefused(file, "has a name that cannot be used: rename it to at most " + LONGEST
                    + " bytes without control characters and backslashes, not beginning with a dot");
        }
    }

    /** The id of the batch of a file with that name and content, unless it is taken. */
    static String batchId(String name, String sha256) {
        return id(stem(name), sha256);
    }

    /** The same for a file that is identified by more than its name and content. */
    static String id(String stem, String sha256) {
        return stem + "-" + sha256.substring(0, HASH_DIGITS);
    }

    /** The name without its ending. */
    static String stem(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    /** The name, safe for a folder and a log. */
    static String safe(String name) {
        String clean = name.replaceAll("[\\p{Cc}\\\\/]", "_").replaceFirst("^\\.+", "_");
        while (length(clean) > LONGEST) {
            clean = clean.substring(0, clean.offsetByCodePoints(clean.length(), -1));
        }
        return clean;
    }

    private static int length(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }
}
