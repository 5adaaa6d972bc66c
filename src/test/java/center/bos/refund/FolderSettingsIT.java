package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.RefundProcess;

/** An application.properties in the folder where a command is run. */
class FolderSettingsIT {
    @TempDir
    Path folder;

    @Test
    void theFileWinsOverTheDefaultsAndTheEnvironmentOverTheFile() throws Exception {
        Files.writeString(folder.resolve("application.properties"), """
                bos.base-url=http://127.0.0.1:1
                bos.refund-otp.path=/of/the/file
                bos.request.ids=string
                """);
        Path file = CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        try (BosServer server = BosServer.start();
                RefundProcess process = RefundProcess.in(folder).against(server)
                        .env("BOS_REFUND_OTP_PATH", BosServer.REFUND_OTP)
                        .env("BOS_REQUEST_REFERENCE_FIELD", "RegistrationID")
                        .start("send", file.toString())) {
            assertThat(process.waitFor(Duration.ofSeconds(120))).as(process.output()).isZero();
            assertThat(server.posts()).extracting(Post::body).hasSize(3)
                    .allMatch(body -> body.matches("\\{\"RegistrationID\":\"\\d+\",\"ackno\":\"\\d+\"}"));
        }
    }
}
