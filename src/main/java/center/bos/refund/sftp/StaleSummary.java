// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.file.remote.RemoteFileOperations;
import org.apache.camel.component.file.remote.SftpEndpoint;
import org.apache.camel.component.file.remote.SftpRemoteFile;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;

/** Removes the summary of earlier results from the server before new ones are put there: its presence means that all are there. */
@Singleton
@Named("staleSummary")
public record StaleSummary(Ledger ledger) implements Processor {
    private static final String OUTBOX = "erp-sftp:{{refund.sftp.host}}:{{refund.sftp.port}}/{{refund.sftp.outbox}}";

    @Override
    public void process(Exchange exchange) throws Exception {
        Batch batch = exchange.getVariable("batch", Batch.class);
        if (!ledger.deliveries().wasDelivered(batch)) {
            return;
        }
        SftpEndpoint outbox = exchange.getContext().getEndpoint(OUTBOX, SftpEndpoint.class);
        RemoteFileOperations<SftpRemoteFile> server = outbox.createRemoteFileOperations();
        server.connect(outbox.getConfiguration(), exchange);
        try {
            String summary = outbox.getConfiguration().getDirectory() + "/" + batch.id() + "/summary.json";
            if (server.existsFile(summary)) {
                server.deleteFile(summary);
            }
        } finally {
            server.forceDisconnect();
        }
    }
}
