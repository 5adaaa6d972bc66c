// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.model.DueRow;
import center.bos.refund.model.Pair;

/** Puts the fields of one RefundOTP request into the body, named and typed as {@code bos.request.*} says. */
public class RequestBody implements Processor {
    private final String referenceField;
    private final boolean asText;

    /** Names and types the fields as those settings say. */
    public RequestBody(BosSettings.Request settings) {
        referenceField = settings.referenceField();
        asText = settings.ids() == BosSettings.Ids.STRING;
    }

    @Override
    public void process(Exchange exchange) {
        DueRow row = exchange.getVariable("row", DueRow.class);
        Pair pair = row.pair();
        Map<String, Object> fields = new LinkedHashMap<>();
        // JSON knows no leading zeros: a text goes as it came, a number as the number that it is
        fields.put(referenceField, asText ? (Object) row.referenceid() : Long.valueOf(pair.referenceid()));
        fields.put("ackno", asText ? (Object) row.ackno() : Long.valueOf(pair.ackno()));
        exchange.getMessage().setBody(fields);
    }
}
