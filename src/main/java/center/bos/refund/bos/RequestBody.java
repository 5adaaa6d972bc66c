package center.bos.refund.bos;

import java.nio.charset.StandardCharsets;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.config.BosConfig;
import center.bos.refund.ledger.RefundRow;

/** Writes the JSON of one RefundOTP request. Ids are digits only, so no value needs escaping. */
@ApplicationScoped
@Named("requestBody")
public class RequestBody implements Processor {
    private final String beforeReference;
    private final String between;
    private final String after;

    RequestBody(BosConfig config) {
        String quote = config.request().ids() == BosConfig.Ids.STRING ? "\"" : "";
        beforeReference = "{\"" + config.request().referenceField() + "\":" + quote;
        between = quote + ",\"ackno\":" + quote;
        after = quote + "}";
    }

    @Override
    public void process(Exchange exchange) {
        RefundRow row = RefundCall.of(exchange).row();
        String body = beforeReference + number(row.referenceid()) + between + number(row.ackno()) + after;
        exchange.getMessage().setBody(body.getBytes(StandardCharsets.US_ASCII));
    }

    /** JSON knows no leading zeros; BOS gets a text as it came and a number as a number. */
    private String number(String id) {
        if (!after.equals("}")) {
            return id;
        }
        int start = 0;
        while (start < id.length() - 1 && id.charAt(start) == '0') {
            start++;
        }
        return id.substring(start);
    }
}
