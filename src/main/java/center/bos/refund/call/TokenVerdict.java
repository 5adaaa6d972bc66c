// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.call;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Verdict;
import center.bos.refund.throttle.Throttle;
import center.bos.refund.token.TokenCache;

/**
 * Tells the token cache whether BOS accepted the token. One new token is requested, however many calls were refused with the
 * old one; if a new one cannot help, the throttle counts a failure. If another node's token replaced the old one, the verdict
 * is REPLACED, and counts against neither the row nor the configuration.
 */
@Singleton
@Named("tokenVerdict")
public record TokenVerdict(TokenCache tokens, TokenTrust trust, Throttle throttle) implements Processor {

    @Override
    public void process(Exchange exchange) {
        String token = exchange.getVariable("token", String.class);
        BosAnswer answer = exchange.getVariable("answer", BosAnswer.class);
        switch (Verdict.valueOf(exchange.getVariable("verdict", String.class))) {
            case AUTH -> {
                if (tokens.discard(token)) { // first: a call that begins before that still takes it
                    exchange.setVariable("verdict", Verdict.REPLACED.name());
                } else {
                    refused(exchange.getVariable("row", DueRow.class), token, answer);
                }
            }
            case SUCCESS, ERROR -> trust.accepted(token);
            case IN_DOUBT -> {
                if (answer.kind() == BosAnswer.Kind.REPLY && answer.httpStatus() < 500) {
                    trust.accepted(token);
                }
            }
            default -> {
                // says nothing of the token
            }
        }
    }

    private void refused(DueRow row, String token, BosAnswer answer) {
        if (!trust.curable(token, row.call(), throttle.lastBegun())) {
            throttle.failed(row.call(), "BOS does not accept the token: " + answer.reason());
        }
    }
}
