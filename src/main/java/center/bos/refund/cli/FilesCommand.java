// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.intake.Intake;
import center.bos.refund.model.FileTrouble;
import picocli.CommandLine.Parameters;

/** A command that is given CSV files. Does nothing unless all of them can be used. */
abstract class FilesCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "CSV files with the columns referenceid and ackno")
    private List<Path> files;

    @Override
    public Integer call() {
        Settings.check();
        List<CsvFile> usable = new ArrayList<>();
        for (Path file : files) {
            try {
                usable.add(Intake.inspect(file));
            } catch (CsvRefused e) {
                System.err.println("refund: " + file.toString().replaceAll("\\p{Cc}", "_") + ": " + e.reason());
            } catch (IOException e) {
                System.err.println("refund: cannot be read: " + FileTrouble.text(e));
            }
        }
        if (usable.size() < files.size()) {
            System.err.println("refund: nothing was sent");
            return ExitCode.USAGE;
        }
        return with(usable);
    }

    abstract int with(List<CsvFile> inputs);
}
