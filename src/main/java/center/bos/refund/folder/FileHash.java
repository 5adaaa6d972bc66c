// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;

/** The SHA-256 of a file's content. */
public final class FileHash {
    private static final String NONE = "0".repeat(64);

    private FileHash() {
    }

    /** The hash in hex digits; zeros if it is not a regular file. */
    public static String sha256(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return NONE;
        }
        return new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(file);
    }
}
