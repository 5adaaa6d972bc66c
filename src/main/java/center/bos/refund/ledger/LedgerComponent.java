// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.Map;
import java.util.concurrent.ExecutorService;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * The Camel component {@code ledger:}. {@code ledger:accept} accepts rows, {@code ledger:due} gives each row that may be called
 * now, {@code ledger:settle} records the result of its call, and {@code ledger:outcomes} gives each outcome to its channel.
 */
@Singleton
@Named("ledger")
public class LedgerComponent extends DefaultComponent {
    final Ledger ledger;
    final Verdicts verdicts;
    final ExecutorService callThreads;

    LedgerComponent(Ledger ledger, Verdicts verdicts, @Named("callThreads") ExecutorService callThreads) {
        this.ledger = ledger;
        this.verdicts = verdicts;
        this.callThreads = callThreads;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        LedgerEndpoint endpoint = new LedgerEndpoint(uri, this, LedgerEndpoint.Operation.of(remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
