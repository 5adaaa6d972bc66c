// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import org.apache.camel.Exchange;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.quarkus.test.CamelQuarkusTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.RowSender;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;

/** The routes from within: each line of the outcome table, a token route and a channel that an integrator replaced. */
@QuarkusTest
@TestProfile(RoutesFromWithinTest.OwnChannel.class)
@QuarkusTestResource(value = BosInTests.class, restrictToAnnotatedClass = true)
class RoutesFromWithinTest extends CamelQuarkusTestSupport {
    private static final DueRow ROW = new DueRow(1, "batch", 2, "1", "1", 1, 1, 1, 0, 0, 0);

    BosServer bos;
    @Inject
    RowSender rows;

    /** A channel of one's own. */
    public static final class OwnChannel implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("refund.channel.success", "mock:success");
        }
    }

    static Stream<Arguments> outcomeTable() {
        return Stream.of(arguments("sent", "REPLY", "200", "true", "1", "", "SUCCESS"),
                arguments("not done, by its code", "REPLY", "412", "false", "5", "", "RETRY"),
                arguments("not done, by its HTTP status", "OTHER", "429", "", "", "", "RETRY"),
                arguments("busy, with a time", "OTHER", "503", "", "", "PT1S", "RETRY"),
                arguments("busy, without a time", "OTHER", "503", "", "", "", "IN_DOUBT"),
                arguments("no token", "NO_TOKEN", "", "", "", "", "UNREACHABLE"),
                arguments("not sent", "NOT_SENT", "", "", "", "", "UNREACHABLE"),
                arguments("token refused, by its code", "REPLY", "200", "false", "18", "", "AUTH"),
                arguments("token refused, by its HTTP status", "OTHER", "401", "", "", "", "AUTH"),
                arguments("redirected", "OTHER", "302", "", "", "", "UNREACHABLE"),
                arguments("refused by another than BOS", "OTHER", "403", "", "", "", "UNREACHABLE"),
                arguments("no answer", "LOST", "", "", "", "", "IN_DOUBT"),
                arguments("a server that failed, whatever its body", "REPLY", "500", "false", "2", "", "IN_DOUBT"),
                arguments("not the expected JSON", "OTHER", "200", "", "", "", "IN_DOUBT"),
                arguments("a status that contradicts its code", "REPLY", "200", "true", "2", "", "IN_DOUBT"),
                arguments("a code that contradicts its status", "REPLY", "200", "false", "1", "", "IN_DOUBT"),
                arguments("any other code", "REPLY", "200", "false", "2", "", "ERROR"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outcomeTable")
    void theOutcomeTable(String line, String kind, String http, String status, String code, String retryAfter,
            String verdict) {
        BosAnswer answer = new BosAnswer(BosAnswer.Kind.valueOf(kind), http.isEmpty() ? null : Integer.valueOf(http),
                status.isEmpty() ? null : Boolean.valueOf(status), code.isEmpty() ? null : code, "",
                retryAfter.isEmpty() ? null : Duration.parse(retryAfter), null);

        Exchange decided = template().request("direct:outcome", exchange -> {
            Map.of("kind", kind, "http", http, "status", status, "code", code, "retryAfter", retryAfter, "answer",
                    answer,
                    "row", ROW, "token", "token").forEach(exchange::setVariable);
        });

        assertThat(decided.getException()).isNull();
        assertThat(decided.getVariable("verdict")).isEqualTo(verdict);
    }

    @Test
    void aTokenRouteAndAChannelThatWereReplaced() throws Exception {
        String token = bos.tokens().issue(); // by another scheme
        AdviceWith.adviceWith(context(), "token",
                route -> route.weaveById("token-cached").replace().setBody().constant(token));
        MockEndpoint channel = getMockEndpoint("mock:success");
        channel.expectedMessageCount(1);
        NewRow row = rows.row();

        assertThat(rows.send(row).outcome()).isEqualTo(Outcome.SUCCESS);

        assertThat(bos.postsFor(row.pair().referenceid(), row.pair().ackno())).singleElement()
                .satisfies(post -> assertThat(post.header("Authorization")).contains("Bearer " + token));
        channel.assertIsSatisfied();
        assertThat(channel.getExchanges()).extracting(told -> told.getMessage().getBody(String.class))
                .allSatisfy(json -> assertThat(json).contains("\"outcome\":\"SUCCESS\"", row.referenceid()));
        assertThat(bos.tokensAsked()).isZero();
    }
}
