// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.TokenDesk;

/** Settings at their edge: characters that a library takes for its own, names that a standard does not know. */
class SettingsAsGivenIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final String HARD = "pa$$w${b}rd";

    @TempDir
    Path folder;

    private BosServer bos;

    @BeforeEach
    void start() {
        bos = BosServer.start();
        CsvFiles.rows(2).writeTo(folder.resolve("rows.csv"));
    }

    @AfterEach
    void stop() {
        bos.close();
    }

    @Test
    void aSecretOfTheEnvironmentArrivesAndTheServersNameMayHoldAnUnderscore() throws IOException {
        bos.tokens().credentials(TokenDesk.CLIENT_ID, HARD);
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 bos_mock localhost\n");
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos)
                .jvmArg("-Djdk.net.hosts.file=" + hosts).env("BOS_TOKEN_CLIENT_SECRET", HARD + "\n")
                .env("BOS_BASE_URL", "HTTP://bos_mock:" + bos.port())
                .env("BOS_TOKEN_URL", bos.tokenUrl().replace("http://127.0.0.1", "HTTP://bos_mock"))
                .start("send", "rows.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isZero();
        }
        assertThat(bos.postCount()).isEqualTo(2);
    }

    @Test
    void aSecretOfTheFileArrivesAndTheDataFolderIsTheOneThatWasNamed() throws IOException {
        bos.tokens().credentials(TokenDesk.CLIENT_ID, HARD + "\\");
        Files.writeString(folder.resolve("application.properties"), "\uFEFFbos.base-url=" + bos.baseUrl()
                + "\nbos.token.url=" + bos.tokenUrl() + "\nbos.token.client-id=" + TokenDesk.CLIENT_ID
                + "\nbos.token.client-secret=" + HARD + "\\\\\nquarkus.security.users.embedded.users.alice=" + HARD
                + "\nquarkus.security.users.embedded.roles.alice=view\n");
        Path data = folder.resolve("feature%2Fx y=%41&z#+ {}");
        CsvFiles.rows(2).writeTo(data.resolve("inbox/rows.csv"));
        try (RestService serve = RestService.start(
                RefundProcess.in(folder).archived().env("REFUND_DATA", data.toString()), folder)) {
            assertThat(Results.await(data.resolve("outbox"), "rows", SOON).summary().success()).isEqualTo(2);
            assertThat(serve.get("/batches", "Authorization", RestService.basic("alice", HARD)).status())
                    .isEqualTo(200);
            assertThat(serve.get("/batches", "Authorization", RestService.basic("alice", "pa$wrd")).status())
                    .isEqualTo(401);
        }
        assertThat(bos.postCount()).isEqualTo(2);
    }

    @Test
    void aFileThatDoesNotSayWhatIsMeantIsRefusedByKeyAndLine() throws IOException {
        Path settings = folder.resolve("application.properties");
        Files.writeString(settings, "# ours\nbos.base-url=" + bos.baseUrl() + "\nrefund.broker.password=pa\\ss\n");
        assertThat(refused()).isEqualTo("refund: application.properties cannot be read: application.properties line 3,"
                + " refund.broker.password: a \\ is not taken as it stands: write it as \\\\\n");

        Files.writeString(settings, "# ours\nrefund.node=F\u0151tan\u00FA\n", Charset.forName("ISO-8859-2"));
        assertThat(refused()).isEqualTo("refund: application.properties cannot be read: application.properties line 2"
                + " is not UTF-8: save the file as UTF-8\n");
        assertThat(bos.postCount()).isZero();
    }

    private String refused() {
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos).env("REFUND_NODE", "one")
                .start("send", "rows.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(2);
            return send.stderr();
        }
    }
}
