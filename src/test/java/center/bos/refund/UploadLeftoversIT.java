// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;

/** What a kill leaves of uploads. */
class UploadLeftoversIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String ROWS = "referenceid,ackno\n61,1\n62,1\n";

    @TempDir
    Path folder;

    @Test
    void anUploadThatAKillCutOffIsSweptAndAnAcceptedOneStands() throws Exception {
        try (BosServer bos = BosServer.start()) {
            bos.reply(Reply.success().after(Duration.ofSeconds(15)));
            DataTree data = new DataTree(folder.resolve("data"));
            Path uploads = data.root().resolve(".uploads");
            String location;
            try (RestService service = RestService.start(RefundProcess.in(folder).archived().against(bos), folder);
                    Socket cut = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
                location = upload(service);
                cut.getOutputStream().write(("POST /batches HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\n"
                        + "Content-Length: 1000000\r\n\r\nreferenceid,ackno\n71,1\n")
                        .getBytes(StandardCharsets.US_ASCII));
                await().atMost(SOON).until(() -> data.names(uploads).size() == 1);
                // the first call is under way, and the second waits for its answer
                await().atMost(SOON).until(() -> bos.postCount() == 1);
                service.process().kill9();
            }
            bos.reply(Reply.success());
            assertThat(data.names(uploads)).hasSize(1);
            try (RestService service = RestService.start(RefundProcess.in(folder).archived().against(bos), folder)) {
                assertThat(data.names(uploads)).isEmpty();
                assertThat(upload(service)).isEqualTo(location);
                await().atMost(SOON)
                        .until(() -> service.get(location).json().get("state").asText().equals("complete"));
                assertThat(service.get("/batches").json().get("batches")).hasSize(1);
            }
            assertThat(bos.postsFor("61", "1")).hasSize(1);
            assertThat(bos.postsFor("62", "1")).hasSize(1);
            assertThat(bos.postsFor("71", "1")).isEmpty();
        }
    }

    private static String upload(RestService service) {
        return service.post("/batches", "text/csv", ROWS, "Idempotency-Key", "the-upload").header("Location");
    }
}
