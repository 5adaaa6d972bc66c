// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.jboss.logging.Logger;

import center.bos.refund.model.TroubleLog;

/**
 * Filter of the file trigger: passes a file once it has stopped changing. It does not wait, so one file delays no other, and it
 * uses its own clock, because a writer may set the file's times. Anything but a regular file passes, to be refused.
 */
@ApplicationScoped
@Named("settledFiles")
public class SettledFiles implements GenericFileFilter<File> {
    private static final Logger LOG = Logger.getLogger(SettledFiles.class);
    private static final char UNDECODABLE = '\uFFFD';

    private final Settling settling = new Settling();
    private final TroubleLog log = new TroubleLog(LOG::error);

    @Override
    public boolean accept(GenericFile<File> candidate) {
        if (candidate.isDirectory()) {
            return false;
        }
        try {
            Path file = candidate.getFile().toPath();
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return !now.isRegularFile()
                    || settling.hasSettled(file.toString(), now.size(),
                            now.lastModifiedTime().to(TimeUnit.NANOSECONDS), Settling.endsWithinALine(file));
        } catch (InvalidPathException e) {
            sayUnreadable(candidate.getFileNameOnly());
            return false;
        } catch (IOException e) { // taken away again, if its name is what it seems to be
            if (candidate.getFileNameOnly().indexOf(UNDECODABLE) >= 0) {
                sayUnreadable(candidate.getFileNameOnly());
            }
            return false;
        }
    }

    private void sayUnreadable(String name) {
        log.say(name + " in the inbox cannot be taken: its name is not text in this machine's charset, "
                + System.getProperty("sun.jnu.encoding") + ": rename it, or start with LC_ALL=C.UTF-8");
    }
}
