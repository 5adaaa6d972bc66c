// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.TokenDesk;
import center.bos.refund.testkit.TokenRequest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;

/** How the bundle gets its bearer token, as the authorize endpoint sees it. */
@QuarkusTest
@QuarkusTestResource(value = BosInTests.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = TokenTest.SigningKey.class, restrictToAnnotatedClass = true)
class TokenTest {
    private static final Duration LONG = Duration.ofSeconds(600);

    BosServer bos;
    DataTree data;
    KeyPair keys;

    /** The key pair of which the application gets the public half. */
    public static final class SigningKey implements QuarkusTestResourceLifecycleManager {
        private KeyPair keys;
        private Path pem;

        @Override
        public Map<String, String> start() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(2048);
                keys = generator.generateKeyPair();
                pem = Files.createTempFile("bos-", ".pem");
                Files.writeString(pem, "the key of BOS, production\r\n-----BEGIN PUBLIC KEY-----\r\n"
                        + Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
            return new HashMap<>(Map.of("bos.token.public-key", pem.toString(), "bos.token.refresh-margin", "2s",
                    "refund.concurrency", "200"));
        }

        @Override
        public void inject(TestInjector injector) {
            injector.injectIntoFields(keys, new TestInjector.MatchesType(KeyPair.class));
        }

        @Override
        public void stop() {
            pem.toFile().delete();
        }
    }

    /** Each test begins with a token that BOS no longer takes. */
    @BeforeEach
    void forgetTheToken() {
        bos.reply(Reply.success());
        bos.tokens().signedFor(keys.getPrivate()).lifetime(LONG).absoluteExpiry().replyAsUsual().revokeAll();
    }

    @Test
    void theAuthorizeCallCarriesTheCredentialsAndASignatureThatThePrivateKeyOpens() {
        int before = bos.tokensAsked();

        Results results = send("signed", 1, 40_000_000);

        // the desk opens the signature with the private key and gives a token for a good one only
        assertThat(results.summary().success()).isEqualTo(1);
        assertThat(bos.tokensAsked()).isEqualTo(before + 1);
        TokenRequest request = bos.tokens().requests().get(before);
        assertThat(request.clientId()).isEqualTo(TokenDesk.CLIENT_ID);
        assertThat(request.clientSecret()).isEqualTo(TokenDesk.CLIENT_SECRET);
        assertThat(request.signature()).matches("[A-Za-z0-9+/]{342}==");
        assertThat(request.headers()).extracting(header -> header.name().toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("authorization", "content-type");
        Post post = bos.postsFor("12385678926", "40000001").stream().filter(Post::authorized).findFirst().orElseThrow();
        assertThat(post.header("X-Client-Secret")).isEmpty();
        assertThat(post.header("X-Client-Id")).isEmpty();
    }

    @Test
    void twoHundredRowsAtOnceAskOnce() {
        int before = bos.tokensAsked();
        bos.tokens().reply(request -> bos.tokens().decide(request).after(Duration.ofMillis(500)));

        Results results = send("single-flight", 1000, 41_000_000);

        assertThat(results.summary().success()).isEqualTo(1000);
        assertThat(bos.tokensAsked()).isEqualTo(before + 1);
    }

    @Test
    void aTokenIsReplacedBeforeItEndsSoThatNoCallIsRefused() {
        send("warm-up", 1, 42_000_000);
        bos.tokens().revokeAll();
        bos.tokens().lifetime(Duration.ofSeconds(6));
        send("short-lived", 1, 42_000_100);
        int before = bos.tokensAsked();
        long refused = refused();
        Instant start = Instant.now();
        bos.reply(Reply.success().after(Duration.ofMillis(200)));

        // 200 at a time, 0.2 s each: about 9 s, longer than a token lives
        Results results = send("early", 9_000, 42_001_000);

        assertThat(results.summary().success()).isEqualTo(9_000);
        assertThat(refused()).isEqualTo(refused);
        // 2 s before its end, so each is used for 3 s at the least
        assertThat(bos.tokensAsked() - before).isBetween(1,
                2 + (int) Duration.between(start, Instant.now()).toSeconds() / 3);
    }

    @Test
    void aLifetimeInSecondsCountsAsWellAsAPointInTime() {
        bos.tokens().relativeExpiry();
        int before = bos.tokensAsked();

        send("relative", 5, 43_000_000);
        send("relative-next", 5, 43_000_100);

        assertThat(bos.tokensAsked()).isEqualTo(before + 1);
    }

    @Test
    void anErrorWithHttp200IsAFailureThatCostsNoRow() {
        int before = bos.tokensAsked();
        long posts = bos.postCount();
        bos.tokens().reply(Reply.tokenError(200, "401", "Invalid client id and client secret combination"));
        data.drop("refused-token.csv", CsvFiles.rows(5).from(44_000_000));
        await().atMost(LONG).until(() -> bos.tokensAsked() > before + 2);
        // the rows that found out that the old token is no good, and not one without a token
        long found = bos.postCount() - posts;

        bos.tokens().replyAsUsual();

        Results results = data.results("refused-token");
        assertThat(results.summary().success()).isEqualTo(5);
        assertThat(bos.postCount() - posts).isEqualTo(found + 5);
        assertThat(bos.posts()).noneMatch(post -> post.header("Authorization").orElse("").length() < 12);
    }

    private Results send(String stem, int rows, long seed) {
        data.drop(stem + ".csv", CsvFiles.rows(rows).from(seed));
        return data.results(stem);
    }

    private long refused() {
        return bos.posts().stream().filter(post -> !post.authorized()).count();
    }
}
