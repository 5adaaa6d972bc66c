// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DebianTool;
import center.bos.refund.testkit.HttpProxy;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.SelfSigned;

/** Calls and tokens go through an HTTP proxy, by CONNECT; what it refuses was not sent. */
@Execution(ExecutionMode.CONCURRENT)
class ProxyIT {
    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int ROWS = 40;

    @TempDir
    Path folder;

    private SelfSigned ca;
    private Path input;

    @BeforeEach
    void files() {
        ca = SelfSigned.forLoopback(folder);
        input = CsvFiles.rows(ROWS).writeTo(folder.resolve("rows.csv"));
    }

    @Test
    void whatTheProxyRefusesCostsNoRow() throws Exception {
        try (BosServer bos = BosServer.startTls(ca.contextTrusting(ca), false);
                HttpProxy proxy = HttpProxy.start(502, 503, 504, 407, 403);
                RefundProcess send = send(bos).env("BOS_PROXY_URL", proxy.url()).env("BOS_TOKEN_VALUE", "fixed")
                        .start("send", input.toString())) {
            bos.tokens().accept("fixed");
            assertThat(send.waitFor(LONG)).as(send.output()).isZero();
            assertThat(proxy.refused()).isEqualTo(5);
            assertThat(proxy.tunnels()).isEqualTo(bos.connectionsOpened());
            assertThat(bos.postCount()).isEqualTo(ROWS);
        }
    }

    @Test
    void goesThroughAProxyThatWantsALogin() throws Exception {
        Path tinyproxy = DebianTool.find("tinyproxy");
        int port = RestService.freePort();
        Path settings = Files.writeString(folder.resolve("tinyproxy.conf"), """
                Port %d
                Listen 127.0.0.1
                Allow 127.0.0.1
                BasicAuth erp s3cret
                LogFile "%s"
                """.formatted(port, folder.resolve("tinyproxy.log")));
        Process proxy = new ProcessBuilder(tinyproxy.toString(), "-d", "-c", settings.toString())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try (BosServer bos = BosServer.startTls(ca.contextTrusting(ca), false)) {
            RefundProcess.Launch launch = send(bos).env("BOS_PROXY_URL", "http://127.0.0.1:" + port).env(
                    "BOS_PROXY_USER", "erp");
            try (RefundProcess send = launch.env("BOS_PROXY_PASSWORD", "wrong").start("send", input.toString())) {
                assertThat(send.waitFor(LONG)).as(send.output()).isEqualTo(3);
                assertThat(send.stderr()).contains("the proxy answered HTTP 40",
                        "see bos.proxy.user and bos.proxy.password");
            }
            assertThat(bos.connectionsOpened()).isZero();
            try (RefundProcess send = launch.env("BOS_PROXY_PASSWORD", "s3cret").start("send", input.toString())) {
                assertThat(send.waitFor(LONG)).as(send.output()).isZero();
            }
            assertThat(bos.tokensAsked()).isOne();
            assertThat(bos.postCount()).isEqualTo(ROWS);
            assertThat(Files.readString(folder.resolve("tinyproxy.log"))).contains("CONNECT 127.0.0.1:" + bos.port());
        } finally {
            proxy.destroy();
        }
    }

    private RefundProcess.Launch send(BosServer bos) throws Exception {
        return RefundProcess.in(folder).archived().against(bos).env("BOS_TLS_TRUST_STORE",
                Files.writeString(folder.resolve("ca.pem"), ca.pem()).toString());
    }
}
