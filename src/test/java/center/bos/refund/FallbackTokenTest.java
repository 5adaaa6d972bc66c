// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Reply;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;

/** A route of one's own in place of direct:token, which handles the failure of a first endpoint. */
@QuarkusTest
@TestProfile(FallbackTokenTest.WithFallback.class)
@QuarkusTestResource(value = BosInTests.class, restrictToAnnotatedClass = true)
class FallbackTokenTest {
    BosServer bos;
    DataTree data;

    @Test
    void noRowIsSentTwice() throws Exception {
        bos.reply(Reply.success());
        long posts = bos.postCount();
        data.drop("fallback.csv", CsvFiles.rows(3).from(53_000_000));

        await().atMost(Duration.ofSeconds(30)).until(() -> bos.postCount() - posts >= 3);
        await().pollDelay(Duration.ofSeconds(5)).until(() -> true);
        assertThat(bos.postCount() - posts).isEqualTo(3);
        assertThat(data.results("fallback").summary().success()).isEqualTo(3);
    }

    /** The shipped file with another first route. */
    public static class WithFallback implements QuarkusTestProfile {
        private static final String FIRST = """
                - route:
                    id: token
                    from:
                      uri: direct:token
                      steps:
                        - doTry:
                            steps:
                              - to:
                                  uri: http://127.0.0.1:1/authorize
                                  parameters: {httpClientConfigurer: "#singleCallClient", clientConnectionManager: "#bosConnections"}
                            doCatch:
                              - exception: [java.lang.Exception]
                                steps:
                                  - process: {ref: tokenCache}
                """;

        @Override
        public Map<String, String> getConfigOverrides() {
            return new TokenFile(FIRST, TokenFile.shipped().second()).settings();
        }
    }
}
