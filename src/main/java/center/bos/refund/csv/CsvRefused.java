// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.nio.file.Path;

/** A file that cannot be used; the message says what is wrong, where and what to do, without customer data. */
public final class CsvRefused extends Exception {

    private final String reason;

    /** Names the file and says why. */
    public CsvRefused(Path file, String reason) {
        super((file.getFileName() == null ? file : file.getFileName()).toString().replaceAll("\\p{Cc}", "_") + ": "
                + reason);
        this.reason = reason;
    }

    /** Why, without the file's name. */
    public String reason() {
        return reason;
    }
}
