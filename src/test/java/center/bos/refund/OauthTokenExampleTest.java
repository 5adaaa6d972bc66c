// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Header;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.TokenRequest;
import center.bos.refund.token.TokenCache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;

/** The example of docs/token.md works as it is pasted into routes/token.camel.yaml. */
@QuarkusTest
@TestProfile(OauthTokenExampleTest.PastedExample.class)
@QuarkusTestResource(value = BosInTests.class, restrictToAnnotatedClass = true, initArgs = {
        @ResourceArg(name = "bos.token.client-id", value = "us & them"),
        @ResourceArg(name = "bos.token.client-secret", value = OauthTokenExampleTest.SECRET)})
class OauthTokenExampleTest {
    static final String SECRET = "a+b=c&d,e%f 'g' \"ü";

    BosServer bos;
    DataTree data;
    @Inject
    ProducerTemplate template;
    @Inject
    TokenCache tokens;

    @Test
    void takesItsTokenFromAnOauthEndpointOnceForAllRows() throws Exception {
        bos.tokens().reply(request -> granted());
        forgetToken();
        int asked = bos.tokensAsked();

        data.drop("oauth.csv", CsvFiles.rows(5).from(51_000_000));

        assertThat(data.results("oauth").summary().success()).isEqualTo(5);
        assertThat(bos.tokensAsked() - asked).isEqualTo(1);
        TokenRequest request = bos.tokens().requests().get(asked);
        assertThat(request.headers()).filteredOn(header -> header.name().equalsIgnoreCase("Content-Type"))
                .singleElement().extracting(Header::value).asString()
                .startsWith("application/x-www-form-urlencoded");
        assertThat(Stream.of(request.body().split("&")).map(field -> URLDecoder.decode(field, StandardCharsets.UTF_8)))
                .containsExactly("grant_type=client_credentials", "client_id=us & them", "client_secret=" + SECRET);
    }

    @Test
    void anEndpointThatRefusesSaysSo() {
        bos.tokens().reply(Reply.json(401, "{\"error\":\"invalid_client\"}"));

        assertThat(template.request("direct:token-authorize", exchange -> {
        }).getException()).hasMessage("the token endpoint refused: HTTP 401, status unreadable");
    }

    @Test
    void aRowWaitsWhileTheEndpointFails() throws Exception {
        bos.tokens().reply(request -> granted());
        forgetToken();
        bos.tokens().reply(Reply.html(500));
        int asked = bos.tokensAsked();
        long posts = bos.postCount();

        data.drop("waits.csv", CsvFiles.rows(1).from(52_000_000));
        await().atMost(Duration.ofSeconds(30)).until(() -> bos.tokensAsked() - asked >= 2);
        assertThat(bos.postCount()).isEqualTo(posts);
        bos.tokens().reply(request -> granted());

        assertThat(data.results("waits").summary().success()).isEqualTo(1);
        assertThat(bos.postCount() - posts).isEqualTo(1);
    }

    private Reply granted() {
        return Reply.json(200, "{\"access_token\":\"" + bos.tokens().issue()
                + "\",\"token_type\":\"bearer\",\"expires_in\":600}");
    }

    private void forgetToken() {
        tokens.discard(template.requestBody("direct:token", "", String.class));
    }

    /** The shipped file with its second route replaced by the example. */
    public static class PastedExample implements QuarkusTestProfile {
        private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                String example = EXAMPLE.matcher(Files.readString(Path.of("docs/token.md"))).results().findFirst()
                        .orElseThrow().group(1);
                return new TokenFile(TokenFile.shipped().first(), example).settings();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
