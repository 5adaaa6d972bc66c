// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.call;

import java.util.Optional;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.CamelContext;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.eclipse.microprofile.config.inject.ConfigProperty;

import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.bos.AllowedHeaders;
import center.bos.refund.bos.AnswerReader;
import center.bos.refund.bos.Connections;
import center.bos.refund.bos.RequestBody;
import center.bos.refund.bos.SingleCallClient;
import center.bos.refund.config.BosConfig;
import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.token.AuthorizeAnswer;
import center.bos.refund.token.ClientCredentials;
import center.bos.refund.token.TokenCache;

/** Makes the beans of the call, which depend on neither Quarkus nor the ledger, from this node's settings. */
@Singleton
public record CallBeans(BosConfig bos, ObjectMapper json) {

    @Produces
    @Singleton
    @Named("requestBody")
    RequestBody requestBody() {
        return new RequestBody(bos.request());
    }

    @Produces
    @Singleton
    @Named("bosHeaders")
    HeaderFilterStrategy bosHeaders() {
        return AllowedHeaders.bos();
    }

    @Produces
    @Singleton
    @Named("singleCallClient")
    SingleCallClient singleCallClient(@ConfigProperty(name = "bos.refund-otp.path") String path) {
        return new SingleCallClient(bos, new CallTimer(path));
    }

    @Produces
    @Singleton
    Connections connections(RefundConfig refund) {
        return new Connections(bos, refund.concurrency());
    }

    @Produces
    @Singleton
    @Named("bosConnections")
    HttpClientConnectionManager pool(Connections connections) {
        return connections.pool();
    }

    @Produces
    @Singleton
    @Named("answerReader")
    AnswerReader answerReader() {
        return new AnswerReader(json);
    }

    @Produces
    @Singleton
    @Named("tokenCache")
    TokenCache tokenCache(RefundConfig refund, Ledger ledger, CamelContext context) {
        return new TokenCache(bos.token(), LedgerDatabase.isShared(refund)
                ? Optional.of((client, renewal) -> ledger.tokens().renew(client, renewal))
                : Optional.empty(), context);
    }

    @Produces
    @Singleton
    @Named("clientCredentials")
    ClientCredentials clientCredentials() {
        return new ClientCredentials(bos.token());
    }

    @Produces
    @Singleton
    @Named("tokenHeaders")
    HeaderFilterStrategy tokenHeaders() {
        return AllowedHeaders.token();
    }

    @Produces
    @Singleton
    @Named("authorizeAnswer")
    AuthorizeAnswer authorizeAnswer() {
        return new AuthorizeAnswer(json, bos.token());
    }
}
