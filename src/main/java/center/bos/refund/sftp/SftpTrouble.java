// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.file.GenericFileOperationFailedException;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.support.DefaultPollingConsumerPollStrategy;
import org.jboss.logging.Logger;

import com.jcraft.jsch.JSchHostKeyException;

import center.bos.refund.config.SftpConfig;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.TroubleLog;

/** Logs why files cannot be fetched or results not be written, once and every 10 minutes, not at each try. */
@ApplicationScoped
@Named("sftpTrouble")
public class SftpTrouble extends DefaultPollingConsumerPollStrategy implements ExceptionHandler, Processor {
    private static final Logger LOG = Logger.getLogger(SftpTrouble.class);

    private final SftpConfig config;
    private final TroubleLog trouble = new TroubleLog(LOG::error);

    SftpTrouble(SftpConfig config) {
        this.config = config;
    }

    @Override
    public boolean rollback(Consumer consumer, Endpoint endpoint, int retryCounter, Exception cause) {
        say("Files cannot be fetched from", cause);
        return false;
    }

    @Override
    public void handleException(Throwable cause) {
        say("Files cannot be fetched from", cause);
    }

    @Override
    public void handleException(String message, Throwable cause) {
        handleException(cause);
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable cause) {
        handleException(cause);
    }

    @Override
    public void process(Exchange exchange) {
        say("Results cannot be put on", exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }

    /** A file that was fetched cannot be taken. */
    void notTaken(String name, Exception cause) {
        say(name + " was fetched and cannot be taken, so it stays on", cause);
    }

    private void say(String what, Throwable failure) {
        // names and reasons are the server's texts
        trouble.say((what + " the SFTP server " + config.host().orElse("") + ", tried again every refund.sftp.delay: "
                + reason(failure)).replaceAll("\\p{Cc}", "?"));
    }

    private String reason(Throwable failure) {
        Throwable root = failure;
        String file = "";
        while (root.getCause() != null && !(root instanceof JSchHostKeyException)) {
            file = root instanceof GenericFileOperationFailedException ? root.getMessage() + ": " : file;
            root = root.getCause();
        }
        if (root instanceof JSchHostKeyException) {
            return "its host key is not the one in " + config.knownHosts().orElseThrow() + ", so no login was sent ("
                    + root.getMessage() + ")";
        }
        return file + root.getClass().getSimpleName() + ": " + FileTrouble.text(root);
    }
}
