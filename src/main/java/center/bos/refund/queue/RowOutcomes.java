package center.bos.refund.queue;

import java.util.ArrayList;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;

import center.bos.refund.ledger.RowOutcome;

/** Gathers the outcomes of a chunk's rows. One row that could not be worked fails the chunk, which then comes again. */
@ApplicationScoped
@Named("rowOutcomes")
public class RowOutcomes implements AggregationStrategy {

    @Override
    public Exchange aggregate(Exchange gathered, Exchange row) {
        if (gathered == null) {
            Object outcome = row.getMessage().getBody();
            List<Object> outcomes = new ArrayList<>(Chunk.LARGEST);
            if (row.getException() == null) {
                outcomes.add(outcome);
            }
            row.getMessage().setBody(outcomes);
            return row;
        }
        if (row.getException() != null) {
            gathered.setException(row.getException());
        } else {
            @SuppressWarnings("unchecked")
            List<RowOutcome> outcomes = gathered.getMessage().getBody(List.class);
            outcomes.add(row.getMessage().getBody(RowOutcome.class));
        }
        return gathered;
    }
}
