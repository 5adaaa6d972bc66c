// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.support.DefaultMessage;

import center.bos.refund.intake.Intake;

/** Accepts a fetched file; only then may it be moved on the server. */
@Singleton
@Named("fetchedFiles")
public record FetchedFiles(Intake intake, SftpTrouble trouble) implements Processor {

    /**
     * Puts the batch to process, or null, into the body, and its id into the property {@code batch}.
     *
     * @throws IOException if the file is incomplete or cannot be moved; then it is fetched again
     */
    @Override
    public void process(Exchange exchange) throws IOException {
        GenericFile<?> remote = exchange.getProperty(ExchangePropertyKey.FILE_EXCHANGE_FILE, GenericFile.class);
        try {
            Path file = Path.of(exchange.getMessage().getHeader(Exchange.FILE_LOCAL_WORK_PATH, String.class));
            if (Files.size(file) != remote.getFileLength()) {
                throw new IOException("it has " + Files.size(file) + " bytes in place of the " + remote.getFileLength()
                        + " that the server listed: it changed meanwhile, or it is a link");
            }
            Intake.Fetched fetched = intake.takeFetched(file, Instant.ofEpochMilli(remote.getLastModified()));
            exchange.setProperty("batch", fetched.batch());
            exchange.setMessage(new DefaultMessage(exchange)); // a file message would return the file in place of a null body
            exchange.getMessage().setBody(fetched.toDo());
        } catch (IOException | RuntimeException e) {
            trouble.notTaken(remote.getFileNameOnly(), e);
            throw e;
        }
    }

}
