package center.bos.refund.csv;

import java.nio.file.Path;

/** A file that cannot be used; the message says what is wrong, where and what to do, without customer data. */
public final class CsvRefused extends Exception {
    /** Names the file and says why. */
    public CsvRefused(Path file, String what) {
        super((file.getFileName() == null ? file : file.getFileName()).toString().replaceAll("\\p{Cntrl}", "_") + ": "
                + what);
    }
}
