// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.SftpHost;

/** How the SFTP server is set up: its folders, its host key and the login. */
@Execution(ExecutionMode.CONCURRENT)
class SftpSetUpIT {
    private static final Duration SOON = Duration.ofSeconds(90);

    @TempDir
    Path folder;
    private BosServer bos;
    private SftpHost erp;

    @BeforeEach
    void start() {
        bos = BosServer.start();
        erp = SftpHost.start(folder.resolve("erp"));
    }

    @AfterEach
    void stop() {
        erp.close();
        bos.close();
    }

    private Path service() {
        return folder.resolve("service");
    }

    private RefundProcess.Launch launch() throws IOException {
        Files.createDirectories(service());
        return RefundProcess.in(service()).archived().against(bos).env("REFUND_SFTP_HOST", "127.0.0.1")
                .env("REFUND_SFTP_PORT", Integer.toString(erp.port())).env("REFUND_SFTP_USER", SftpHost.USER)
                .env("REFUND_SFTP_DELAY", "500ms");
    }

    private void drop(String name, CsvFiles rows) throws IOException {
        Path part = rows.writeTo(erp.inbox().resolve(name + ".part"));
        Files.move(part, erp.inbox().resolve(name));
    }

    private Results results(String stem) {
        return Results.await(erp.outbox(), stem, SOON);
    }

    private static long count(String text, String part) {
        return text.lines().filter(line -> line.contains(part)).count();
    }

    @Test
    void foldersThatBeginWithASlashAreLookedForFromTheServersRoot() throws Exception {
        erp.close();
        erp = SftpHost.startWithHome(folder.resolve("erp"), folder.resolve("homes"));
        CsvFiles rows = CsvFiles.rows(5).from(5_000);
        drop("rooted.csv", rows);
        try (RestService service = RestService.start(launch().env("REFUND_SFTP_PASSWORD", SftpHost.PASSWORD)
                .env("REFUND_SFTP_KNOWN_HOSTS", erp.knownHosts(service().resolve("known_hosts")).toString())
                .env("REFUND_SFTP_INBOX", erp.inbox().toString())
                .env("REFUND_SFTP_OUTBOX", erp.outbox().toString()), service())) {
            assertThat(results("rooted").summary().success()).isEqualTo(5);
            await().atMost(SOON).until(() -> new DataTree(erp.inbox()).names(erp.inbox()).equals(List.of(".done")));
            assertThat(service.process().output()).doesNotContain("ERROR");
        }
        assertThat(bos.postCount()).isEqualTo(5);
    }

    @Test
    void anotherHostKeyIsToldAndGetsNoPassword() throws Exception {
        drop("other.csv", CsvFiles.rows(1).from(7_000));
        Path known = erp.wrongKnownHosts(Files.createDirectories(service()).resolve("known_hosts"));
        try (RestService service = RestService.start(launch().env("REFUND_SFTP_PASSWORD", SftpHost.PASSWORD)
                .env("REFUND_SFTP_KNOWN_HOSTS", known.toString()), service())) {
            await().atMost(SOON).until(() -> service.process().output().contains("its host key is not the one in"));
            Files.writeString(known, "# nothing is known\n");
            await().atMost(SOON).until(() -> count(service.process().output(), "its host key is not the one") == 2);
        }
        assertThat(erp.logins()).isZero();
        assertThat(erp.inbox().resolve("other.csv")).exists();
        assertThat(Files.readString(known)).isEqualTo("# nothing is known\n");
    }

    @Test
    void doesNotStartWithoutTheHostKey() throws Exception {
        try (RefundProcess process = launch().env("REFUND_SFTP_PASSWORD", "x")
                .env("REFUND_HTTP_PORT", Integer.toString(RestService.freePort())).start("serve")) {
            assertThat(process.waitFor(Duration.ofSeconds(60))).isEqualTo(2);
            assertThat(process.output()).contains("refund.sftp.known-hosts is not set");
        }
        assertThat(erp.logins()).isZero();
    }

    @Test
    void logsInWithAPrivateKey() throws Exception {
        KeyPair key = SftpHost.rsa();
        erp.accept(key.getPublic());
        Path file = Files.createDirectories(service()).resolve("id_rsa");
        Files.writeString(file, "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(key.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n");
        drop("key.csv", CsvFiles.rows(3).from(8_000));
        try (RestService service = RestService.start(launch().env("REFUND_SFTP_PRIVATE_KEY", file.toString())
                .env("REFUND_SFTP_KNOWN_HOSTS", erp.knownHosts(service().resolve("known_hosts")).toString()),
                service())) {
            assertThat(results("key").summary().success()).isEqualTo(3);
            assertThat(service.process().isAlive()).isTrue();
        }
        assertThat(erp.logins()).isZero();
    }
}
