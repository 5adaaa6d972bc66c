package center.bos.refund.queue;

import java.util.ArrayList;
import java.util.List;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Body;
import org.apache.camel.Exchange;

import center.bos.refund.ledger.RowOutcome;

/**
 * Gathers the outcomes of a chunk's rows, and of its rounds. One row that could not be worked fails the chunk, which then
 * comes again.
 */
@Singleton
@Named("rowOutcomes")
public class RowOutcomes implements AggregationStrategy {

    /**
     * How a row ended.
     *
     * @param outcome its outcome
     * @param before whether that was known before this delivery, so that an earlier one may have handed it on
     */
    public record Ended(RowOutcome outcome, boolean before) {
    }

    @Override
    public Exchange aggregate(Exchange gathered, Exchange next) {
        List<Ended> rows = gathered == null ? new ArrayList<>(Chunk.LARGEST) : rows(gathered);
        if (next.getException() == null) {
            add(next, rows);
        } else if (gathered != null) {
            gathered.setException(next.getException());
        }
        if (gathered != null) {
            return gathered;
        }
        next.getMessage().setBody(rows);
        return next;
    }

    private static void add(Exchange next, List<Ended> rows) {
        if (next.getMessage().getBody() instanceof List) { // a round's
            rows.addAll(rows(next));
        } else {
            rows.add(new Ended(next.getMessage().getBody(RowOutcome.class),
                    Boolean.TRUE.equals(next.getVariable("repeated"))));
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Ended> rows(Exchange exchange) {
        return exchange.getMessage().getBody(List.class);
    }

    /** Every outcome of the chunk. */
    List<RowOutcome> all(List<Ended> rows) {
        return rows.stream().map(Ended::outcome).toList();
    }

    /** The outcomes that no channel has heard of. */
    public List<RowOutcome> fresh(@Body List<Ended> rows) {
        return rows.stream().filter(row -> !row.before()).map(Ended::outcome).toList();
    }

    /** The outcomes that a channel may have heard of. */
    public List<RowOutcome> repeated(@Body List<Ended> rows) {
        return rows.stream().filter(Ended::before).map(Ended::outcome).toList();
    }
}
