package center.bos.refund.bos;

import java.nio.charset.StandardCharsets;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.config.BosConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.RefundRow;

/**
 * Writes the JSON of one RefundOTP request, unless the row's claim has lapsed. Ids are digits only, so no value needs
 * escaping.
 */
@Singleton
@Named("requestBody")
public class RequestBody implements Processor {
    private final String beforeReference;
    private final String between;
    private final String after;
    private final boolean asText;
    private final Ledger ledger;

    RequestBody(BosConfig config, Ledger ledger) {
        this.ledger = ledger;
        asText = config.request().ids() == BosConfig.Ids.STRING;
        String quote = asText ? "\"" : "";
        beforeReference = "{\"" + config.request().referenceField() + "\":" + quote;
        between = quote + ",\"ackno\":" + quote;
        after = quote + "}";
    }

    @Override
    public void process(Exchange exchange) throws NotSentException {
        RefundCall call = RefundCall.of(exchange);
        if (!ledger.holds(call.claim())) {
            throw new NotSentException("the ledger was out of reach for so long that the claim has lapsed", null);
        }
        RefundRow row = call.row();
        // JSON knows no leading zeros: a text goes as it came, a number as the number that it is
        String body = asText
                ? beforeReference + row.referenceid() + between + row.ackno() + after
                : beforeReference + row.pair().referenceid() + between + row.pair().ackno() + after;
        exchange.getMessage().setBody(body.getBytes(StandardCharsets.US_ASCII));
    }
}
