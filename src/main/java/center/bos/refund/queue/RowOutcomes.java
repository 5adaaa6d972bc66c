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
        if (gathered == null) {
            next.getMessage().setBody(next.getException() == null ? ended(next) : new ArrayList<>());
            return next;
        }
        if (next.getException() == null) {
            gathered(gathered).addAll(ended(next));
        } else {
            gathered.setException(next.getException());
        }
        return gathered;
    }

    @SuppressWarnings("unchecked")
    private static List<Ended> gathered(Exchange exchange) {
        return exchange.getMessage().getBody(List.class);
    }

    private static List<Ended> ended(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof List) {
            return gathered(exchange);
        }
        List<Ended> rows = new ArrayList<>();
        rows.add(new Ended(exchange.getMessage().getBody(RowOutcome.class),
                Boolean.TRUE.equals(exchange.getVariable("repeated"))));
        return rows;
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
