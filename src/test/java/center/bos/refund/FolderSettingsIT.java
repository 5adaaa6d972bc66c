package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.TokenDesk;

/** Which of the places wins where a setting may stand: the environment, the folder's own file, the packaged file. */
class FolderSettingsIT {
    @TempDir
    Path folder;

    @Test
    void theFoldersFileGoesBeforeThePackagedOneAndTheEnvironmentBeforeBoth() throws IOException {
        try (BosServer bos = BosServer.start()) {
            Files.writeString(folder.resolve("application.properties"), """
                    bos.base-url=http://127.0.0.1:1
                    bos.token.url=%s
                    bos.token.client-id=%s
                    bos.token.client-secret=%s
                    bos.request.reference-field=RegistrationID
                    """.formatted(bos.tokenUrl(), TokenDesk.CLIENT_ID, TokenDesk.CLIENT_SECRET));
            Path file = Files.writeString(folder.resolve("one.csv"), "referenceid,ackno\n1,1\n");
            try (RefundProcess send = RefundProcess.in(folder).env("BOS_BASE_URL", bos.baseUrl())
                    .env("REFUND_DATA", folder.resolve("of-the-environment").toString())
                    .start("send", file.toString())) {
                assertThat(send.waitFor(Duration.ofSeconds(60))).as(send.output()).isZero();
            }
            assertThat(bos.posts()).singleElement()
                    .satisfies(post -> assertThat(post.body()).contains("RegistrationID"));
        }
        assertThat(folder.resolve("of-the-environment/outbox")).isNotEmptyDirectory();
        assertThat(folder.resolve("data")).doesNotExist();
    }
}
