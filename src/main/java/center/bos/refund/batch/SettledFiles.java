package center.bos.refund.batch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

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
    private final Settling settling = new Settling();

    @Override
    public boolean accept(GenericFile<File> candidate) {
        if (candidate.isDirectory()) {
            return false;
        }
        Path file = candidate.getFile().toPath();
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return !now.isRegularFile()
                    || settling.hasSettled(file.toString(), now.size(),
                            now.lastModifiedTime().to(TimeUnit.NANOSECONDS));
        } catch (IOException e) {
            return false; // taken away again
        }
    }
}
