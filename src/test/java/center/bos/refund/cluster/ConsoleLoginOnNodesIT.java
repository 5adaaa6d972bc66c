// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.microsoft.playwright.Page;

import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.LoginServer;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.SelfSigned;
import center.bos.refund.testkit.TlsProxy;

/** A person who logs in on the page of an OpenID Connect server, at two nodes behind an nginx that asks them in turn. */
class ConsoleLoginOnNodesIT {
    private static final String CLIENT = "bos-refund";

    @TempDir
    Path folder;

    @Test
    void oneLoginIsGoodAtBothNodesAndForWhatOneAsksTheOther() throws Exception {
        BrowserProcess browser = BrowserProcess.start();
        try (LoginServer login = LoginServer.start().person("asha", "view", "submit");
                Cluster cluster = new Cluster(PostgresServer.Version.NEWEST, folder);
                RestService one = start(cluster, login, "one");
                RestService two = start(cluster, login, "two");
                TlsProxy proxy = TlsProxy.start(folder, SelfSigned.forLoopback(folder), one.port(), two.port());
                BrowserWindow window = browser.open(proxy.origin(), person -> person.setIgnoreHTTPSErrors(true))
                        .visits(login.url())) {
            Page page = window.go("/?view=upload");
            page.waitForURL(login.url() + "/auth**");
            page.click("text=asha");
            page.waitForURL(proxy.origin() + "/?view=upload");
            window.find("input[type=file]").setInputFiles(CsvFiles.rows(5).writeTo(folder.resolve("five.csv")));
            window.press("Check");
            window.press("Send: text 5 customers");
            page.waitForURL("**/?batch=*");
            assertThat(window.find(".lead")).containsText("Complete since");
            for (int i = 0; i < 2; i++) { // by either node
                assertThat(Files.readAllLines(page.waitForDownload(() -> page.getByText("success.csv").first().click())
                        .path())).hasSize(6);
            }
            window.press("Pause the service");
            window.find("dialog input[name=reason]").fill("asked to");
            window.find("dialog button[type=submit]").click();
            assertThat(window.find("dialog [role=status]")).containsText("by asha: asked to");
            assertThat(proxy.asked()).anyMatch(asked -> asked.startsWith("127.0.0.1:" + one.port()))
                    .anyMatch(asked -> asked.startsWith("127.0.0.1:" + two.port()));
            assertThat(cluster.bos().postCount()).isEqualTo(5);
        }
    }

    private RestService start(Cluster cluster, LoginServer login, String node) {
        return RestService.start(cluster.node(node).launch().env("REFUND_HTTP_TRUSTED_PROXIES", TlsProxy.ADDRESS)
                .jvmArg("-Dquarkus.oidc.auth-server-url=" + login.url()).jvmArg("-Dquarkus.oidc.client-id=" + CLIENT)
                .jvmArg("-Dquarkus.oidc.credentials.secret=" + LoginServer.CLIENT_SECRET)
                .jvmArg("-Dquarkus.oidc.token.audience=" + CLIENT)
                .jvmArg("-Dquarkus.oidc.roles.role-claim-path=realm_access/roles"), folder.resolve(node));
    }
}
