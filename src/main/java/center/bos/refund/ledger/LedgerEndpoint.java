// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;

import center.bos.refund.model.Submission;

/** One of the four endpoints of {@link LedgerComponent}. */
public class LedgerEndpoint extends DefaultEndpoint {
    private final LedgerComponent component;
    private final Operation operation;
    private String channel = "success";
    private UnaryOperator<String> lane = UnaryOperator.identity();

    /** What the endpoint does. */
    enum Operation {
        DUE, OUTCOMES, ACCEPT, SETTLE;

        static Operation of(String name) {
            return Stream.of(values()).filter(operation -> operation.name().equalsIgnoreCase(name)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("unknown endpoint ledger:" + name
                            + ": use ledger:due, ledger:outcomes, ledger:accept or ledger:settle"));
        }
    }

    LedgerEndpoint(String uri, LedgerComponent component, Operation operation) {
        super(uri, component);
        this.component = component;
        this.operation = operation;
    }

    /** Sets the channel of {@code ledger:outcomes}: success, error or reply. */
    public void setChannel(String channel) {
        this.channel = channel;
    }

    /** Sets the function that gives the lane of a reply by its destination: a blocked lane does not block the others. */
    public void setLane(UnaryOperator<String> lane) {
        this.lane = lane;
    }

    private Consumer outcomes(Processor processor) {
        Outbox.Channel outbox = Outbox.Channel.valueOf(channel.toUpperCase(Locale.ROOT));
        return outbox == Outbox.Channel.REPLY
                ? new RepliesConsumer(this, processor, component.ledger, lane)
                : new OutcomesConsumer(this, processor, component.ledger, outbox);
    }

    @Override
    public Producer createProducer() {
        return switch (operation) {
            case ACCEPT -> producer(
                    exchange -> component.ledger.accept(exchange.getMessage().getMandatoryBody(Submission.class)));
            case SETTLE -> producer(component.verdicts);
            default -> throw new UnsupportedOperationException(getEndpointUri() + " can only be used in from");
        };
    }

    private Producer producer(Processor processor) {
        return new DefaultProducer(this) {
            @Override
            public void process(Exchange exchange) throws Exception {
                processor.process(exchange);
            }
        };
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        Consumer consumer = switch (operation) {
            case DUE -> new DueConsumer(this, processor, component.ledger, component.verdicts, component.callThreads);
            case OUTCOMES -> outcomes(processor);
            default -> throw new UnsupportedOperationException(getEndpointUri() + " can only be used in to");
        };
        configureConsumer(consumer);
        return consumer;
    }
}
