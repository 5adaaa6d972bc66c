// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;

/** Hands rows to the ledger, as every trigger does, each with a pair that was never used before. */
@ApplicationScoped
public class RowSender {
    private static final AtomicLong NEXT = new AtomicLong(12_345_678_926L);

    private static final Duration LONG = Duration.ofMinutes(5);

    private final ProducerTemplate template;
    private final Ledger ledger;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    RowSender(CamelContext camel, Ledger ledger) {
        template = camel.createProducerTemplate();
        this.ledger = ledger;
    }

    /** A row with a new pair. */
    public NewRow row() {
        long id = NEXT.getAndIncrement();
        return new NewRow(1, Long.toString(id), Long.toString(id % 1_000_000), null);
    }

    /** Rows with new pairs. */
    public List<NewRow> rows(int count) {
        List<NewRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(row());
        }
        return rows;
    }

    /** Sends a row and waits for its outcome. */
    public RowOutcome send(NewRow row) {
        return get(begin(row), Duration.ofSeconds(60));
    }

    /** Sends rows side by side and waits for all outcomes, which come in the rows' order. */
    public List<RowOutcome> send(List<NewRow> rows) {
        return rows.stream().map(this::begin).toList().stream().map(sent -> get(sent, Duration.ofSeconds(60))).toList();
    }

    /** The batch under which a row is sent. */
    public static String batch(NewRow row) {
        return "test-" + row.referenceid();
    }

    /** Begins to send a row. */
    public Future<RowOutcome> begin(NewRow row) {
        return begin(row, batch(row));
    }

    /** Begins to send a row as a request of that id. */
    public Future<RowOutcome> begin(NewRow row, String batch) {
        template.sendBody("ledger:accept", new Submission(batch, Source.JMS, false, List.of(row), null));
        return threads.submit(() -> ledger.await(batch, LONG, () -> false).orElseThrow());
    }

    /** Waits for an outcome. */
    public static RowOutcome get(Future<RowOutcome> sent, Duration timeout) {
        try {
            return sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Lets the server behave, and sends rows until one is answered, so that no trouble of an earlier test is left. */
    public void settle(BosServer server) {
        server.reply(Reply.success()).acceptAgain();
        server.tokens().replyAsUsual().lifetime(Duration.ofSeconds(600)).absoluteExpiry();
        send(row());
    }
}
