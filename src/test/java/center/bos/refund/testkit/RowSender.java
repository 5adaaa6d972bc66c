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

import center.bos.refund.ledger.RefundRow;
import center.bos.refund.ledger.RowOutcome;
import center.bos.refund.queue.ChunkReader;

/** Sends rows through the route that every trigger shares, each with a pair that was never used before. */
@ApplicationScoped
public class RowSender {
    private static final AtomicLong NEXT = new AtomicLong(12_345_678_926L);

    private final ProducerTemplate template;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    RowSender(CamelContext camel) {
        template = camel.createProducerTemplate();
    }

    /** A row with a new pair. */
    public RefundRow row() {
        long id = NEXT.getAndIncrement();
        return new RefundRow("test", id, Long.toString(id), Long.toString(id % 1_000_000), false, null);
    }

    /** Rows with new pairs. */
    public List<RefundRow> rows(int count) {
        List<RefundRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(row());
        }
        return rows;
    }

    /** Sends a row and waits for its outcome. */
    public RowOutcome send(RefundRow row) {
        return get(begin(row), Duration.ofSeconds(60));
    }

    /** Sends rows side by side and waits for all outcomes, which come in the rows' order. */
    public List<RowOutcome> send(List<RefundRow> rows) {
        return rows.stream().map(this::begin).toList().stream().map(sent -> get(sent, Duration.ofSeconds(60))).toList();
    }

    /** Begins to send a row. */
    public Future<RowOutcome> begin(RefundRow row) {
        return threads.submit(() -> template.requestBody("direct:refund-row", row, RowOutcome.class));
    }

    /** Begins to send a row of the chunk that was read as that one. */
    public Future<RowOutcome> begin(RefundRow row, long turn) {
        return threads.submit(() -> template.request("direct:refund-row", exchange -> {
            exchange.getMessage().setBody(row);
            exchange.setProperty(ChunkReader.TURN, turn);
        }).getMessage().getBody(RowOutcome.class));
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
