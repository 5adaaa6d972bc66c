// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.intake.Intake;
import center.bos.refund.model.FileTrouble;

/** The files that a person named. */
final class InputFiles {
    private InputFiles() {
    }

    /** Inspects every file and says what is wrong with each that cannot be used; false when there is one. */
    static boolean inspect(List<Path> files, List<CsvFile> usable) {
        boolean allUsable = true;
        for (Path file : files) {
            try {
                usable.add(Intake.inspect(file));
            } catch (CsvRefused e) {
                System.err.println("refund: " + shown(file) + ": " + e.reason());
                allUsable = false;
            } catch (IOException e) {
                System.err.println("refund: cannot be read: " + FileTrouble.text(e));
                allUsable = false;
            }
        }
        if (!allUsable) {
            System.err.println("refund: nothing was sent");
        }
        return allUsable;
    }

    private static String shown(Path file) {
        return file.toString().replaceAll("\\p{Cntrl}", "_");
    }
}
