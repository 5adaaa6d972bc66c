// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** Explains file exceptions whose message is only a path. */
public final class FileTrouble {
    private FileTrouble() {
    }

    /** The problem and the file, for a person. */
    public static String text(Throwable trouble) {
        if (trouble instanceof AccessDeniedException) {
            return trouble.getMessage() + ": permission denied";
        }
        if (trouble instanceof FileAlreadyExistsException) {
            return trouble.getMessage() + " is there and is not a folder";
        }
        if (trouble instanceof NoSuchFileException) {
            return trouble.getMessage() + " does not exist";
        }
        return trouble.getMessage() == null ? trouble.getClass().getSimpleName() : trouble.getMessage();
    }
}
