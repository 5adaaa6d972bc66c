// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.model.DueRow;
import center.bos.refund.model.NotSentException;
import center.bos.refund.model.Pair;

/** Builds the body of one RefundOTP request, with names and types from {@code bos.request.*}. */
public class RequestBody implements Processor {
    private final String referenceField;
    private final boolean asText;

    /** A body with the names and types of those settings. */
    public RequestBody(BosSettings.Request settings) {
        referenceField = settings.referenceField();
        asText = settings.ids() == BosSettings.Ids.STRING;
    }

    @Override
    public void process(Exchange exchange) throws NotSentException {
        if (exchange.getVariable("token", "", String.class).isBlank()) {
            throw new NotSentException("direct:token left no token", null);
        }
        DueRow row = exchange.getVariable("row", DueRow.class);
        Pair pair = row.pair();
        Map<String, Object> fields = new LinkedHashMap<>();
        // JSON numbers have no leading zeros; as a string the id stays as it came
        fields.put(referenceField, asText ? (Object) row.referenceid() : Long.valueOf(pair.referenceid()));
        fields.put("ackno", asText ? (Object) row.ackno() : Long.valueOf(pair.ackno()));
        exchange.getMessage().setBody(fields);
    }
}
