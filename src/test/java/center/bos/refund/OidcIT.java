// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.LoginServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** Callers that log in with tokens of an OpenID Connect server, with the settings that docs/security.md shows. */
class OidcIT {
    private static final String AUDIENCE = "bos-refund";

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static LoginServer login;
    private static RestService rest;

    @BeforeAll
    static void serve() {
        bos = BosServer.start();
        login = LoginServer.start();
        rest = RestService.start(RefundProcess.in(folder).archived().against(bos)
                .jvmArg("-Dquarkus.oidc.auth-server-url=" + login.url())
                .jvmArg("-Dquarkus.oidc.client-id=" + AUDIENCE).jvmArg("-Dquarkus.oidc.token.audience=" + AUDIENCE)
                .jvmArg("-Dquarkus.oidc.roles.role-claim-path=realm_access/roles"), folder);
    }

    @AfterAll
    static void stop() {
        rest.close();
        login.close();
        bos.close();
    }

    private static Instant soon() {
        return Instant.now().plusSeconds(300);
    }

    private static Answer get(String token) {
        return rest.get("/batches", "Authorization", "Bearer " + token);
    }

    private static Answer refund(long id, String token) {
        return rest.json("/refunds", "{\"referenceid\":" + id + ",\"ackno\":1}", "Authorization", "Bearer " + token);
    }

    @Test
    void theRolesInATokenDecide() {
        String view = login.token(AUDIENCE, soon(), "view");
        String submit = login.token(AUDIENCE, soon(), "submit");

        assertThat(get(view).status()).isEqualTo(200);
        assertThat(refund(91, view).status()).isEqualTo(403);
        assertThat(get(submit).status()).isEqualTo(403);
        assertThat(refund(92, submit).json().get("outcome").asText()).isEqualTo("SUCCESS");
        assertThat(get(login.token(AUDIENCE, soon())).status()).isEqualTo(403);
        assertThat(bos.postsFor("91", "1")).isEmpty();
        assertThat(bos.postsFor("92", "1")).hasSize(1);
    }

    @Test
    void noOtherTokenIsTaken() {
        String valid = login.token(AUDIENCE, soon(), "view", "submit");
        for (String token : new String[]{login.forged(AUDIENCE, soon(), "view", "submit"),
                login.token(AUDIENCE, Instant.now().minusSeconds(60), "view", "submit"),
                login.ofAnotherIssuer(AUDIENCE, soon(), "view", "submit"),
                login.token("another-service", soon(), "view", "submit"),
                login.unsigned(AUDIENCE, soon(), "view", "submit"), valid.substring(0, valid.lastIndexOf('.') + 1),
                "x", "x.y.z"}) {
            assertThat(get(token).status()).as(token).isEqualTo(401);
            assertThat(refund(93, token).status()).as(token).isEqualTo(401);
        }
        assertThat(bos.postsFor("93", "1")).isEmpty();
        assertThat(rest.process().output()).doesNotContain(valid);
    }

    @Test
    void withoutATokenTheCallerIsToldToSendOne() {
        Answer answer = rest.get("/batches");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
        assertThat(rest.get("/batches", "Authorization", RestService.basic("alice", "x")).status()).isEqualTo(401);
    }

    @Test
    void aServerThatIsAwayIsSaidAndItsTokensAreTakenOnceItIsThere(@TempDir Path own) {
        int port = RestService.freePort();
        try (RestService waiting = RestService.start(RefundProcess.in(own).archived().against(bos)
                .jvmArg("-Dquarkus.oidc.auth-server-url=http://localhost:" + port)
                .jvmArg("-Dquarkus.oidc.client-id=" + AUDIENCE)
                .jvmArg("-Dquarkus.oidc.roles.role-claim-path=realm_access/roles"), own)) {
            String[] person = {"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"};
            for (Answer answer : List.of(waiting.get("/batches", "Authorization", "Bearer a.b.c"),
                    waiting.get("/", person))) {
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.type()).isEqualTo("application/problem+json");
                assertThat(answer.json().get("detail").asText()).contains("OpenID Connect server");
                assertThat(answer.header("Retry-After")).isNotEmpty();
            }
            assertThat(waiting.get("/q/health/live").status()).isEqualTo(200);
            assertThat(waiting.process().output()).contains("OIDC server is not available").doesNotContain("\tat ");
            try (LoginServer back = LoginServer.start(port)) {
                assertThat(waiting.get("/batches", "Authorization", "Bearer " + back.token(AUDIENCE, soon(), "view"))
                        .status()).isEqualTo(200);
            }
        }
    }
}
