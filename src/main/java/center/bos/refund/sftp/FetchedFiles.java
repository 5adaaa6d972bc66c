// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.support.DefaultMessage;

import center.bos.refund.intake.Intake;

/** Accepts a fetched file; only then may it be moved on the server. */
@ApplicationScoped
@Named("fetchedFiles")
public class FetchedFiles implements Processor {
    private final Intake intake;
    private final SftpTrouble trouble;

    FetchedFiles(Intake intake, SftpTrouble trouble) {
        this.intake = intake;
        this.trouble = trouble;
    }

    /**
     * Puts the batch to process, or null, into the body, and its id into the property {@code batch}.
     *
     * @throws IOException if the file is incomplete or cannot be moved; then it is fetched again
     */
    @Override
    public void process(Exchange exchange) throws IOException {
        GenericFile<?> remote = exchange.getProperty(ExchangePropertyKey.FILE_EXCHANGE_FILE, GenericFile.class);
        try {
            take(exchange, remote);
        } catch (IOException | RuntimeException e) {
            trouble.notTaken(remote.getFileNameOnly(), e);
            throw e;
        }
    }

    private void take(Exchange exchange, GenericFile<?> remote) throws IOException {
        Path file = Path.of(exchange.getMessage().getHeader(Exchange.FILE_LOCAL_WORK_PATH, String.class));
        if (Files.size(file) != remote.getFileLength()) {
            throw new IOException("a file changed while it was fetched");
        }
        Intake.Fetched fetched = intake.takeFetched(file, Instant.ofEpochMilli(remote.getLastModified()));
        exchange.setProperty("batch", fetched.batch());
        exchange.setMessage(new DefaultMessage(exchange)); // a file message would return the file in place of a null body
        exchange.getMessage().setBody(fetched.toDo());
    }
}
