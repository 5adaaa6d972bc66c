// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.microsoft.playwright.Page;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.LoginServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.SelfSigned;
import center.bos.refund.testkit.TlsProxy;
import center.bos.refund.testkit.WebSite;

/** People who log in on the page of an OpenID Connect server, and whose browser comes through a proxy with TLS. */
class ConsoleLoginIT {
    private static final String CLIENT = "bos-refund";

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrowserProcess browser;
    private static LoginServer login;
    private static RestService rest;
    private static TlsProxy proxy;

    @BeforeAll
    static void serve() {
        browser = BrowserProcess.start();
        bos = BosServer.start();
        login = LoginServer.start().person("asha", "view", "submit").person("ravi", "view").person("nobody");
        rest = RestService.start(RefundProcess.in(folder).archived().against(bos)
                .env("REFUND_HTTP_TRUSTED_PROXIES", TlsProxy.ADDRESS)
                .jvmArg("-Dquarkus.oidc.auth-server-url=" + login.url()).jvmArg("-Dquarkus.oidc.client-id=" + CLIENT)
                .jvmArg("-Dquarkus.oidc.credentials.secret=" + LoginServer.CLIENT_SECRET)
                .jvmArg("-Dquarkus.oidc.token.audience=" + CLIENT)
                .jvmArg("-Dquarkus.oidc.roles.role-claim-path=realm_access/roles")
                .jvmArg("-Dquarkus.log.level=DEBUG"), folder);
        proxy = TlsProxy.start(folder, SelfSigned.forLoopback(folder), rest.port());
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            proxy.close();
            rest.close();
            login.close();
            bos.close();
        }
    }

    private static BrowserWindow window() {
        return browser.open(proxy.origin(), person -> person.setIgnoreHTTPSErrors(true)).visits(login.url());
    }

    private static Page logIn(BrowserWindow window, String path, String person) {
        Page page = window.go(path);
        page.waitForURL(login.url() + "/auth**");
        page.click("text=" + person);
        page.waitForURL(proxy.origin() + path);
        return page;
    }

    @Test
    void aLinkFromAMailLeadsByWayOfTheLoginToWhereItPoints() {
        try (WebSite mail = WebSite.of(
                "<link rel=icon href=data:,><a href='" + proxy.origin() + "/batches?state=open&limit=7'>batches</a>");
                BrowserWindow window = window().visits(mail.origin())) {
            Page page = window.page();
            page.navigate(mail.origin());
            page.click("a");
            page.waitForURL(login.url() + "/auth**");
            page.click("text=asha");
            page.waitForURL(proxy.origin() + "/batches?state=open&limit=7");
            assertThat(page.textContent("body")).contains("\"batches\"");
        }
    }

    @Test
    void aFileIsUploadedThroughTheProxy() {
        try (BrowserWindow window = window()) {
            logIn(window, "/?view=upload", "asha");
            assertThat(window.find(".caller")).containsText("asha");
            window.find("input[type=file]").setInputFiles(CsvFiles.rows(5).writeTo(folder.resolve("five.csv")));
            window.press("Check");
            window.press("Send: text 5 customers");
            window.page().waitForURL("**/?batch=*");
            assertThat(window.find(".lead")).containsText("all 5 rows have their outcome");
        }
        assertThat(bos.postCount()).isEqualTo(5);
    }

    @Test
    void whoMayOnlyReadIsLedThroughTheLoginAndReads() {
        try (BrowserWindow window = window()) {
            logIn(window, "/?view=in-doubt", "ravi");
            assertThat(window.find(".caller")).containsText("view only");
            assertThat(window.find("h1")).hasText("In doubt");
        }
    }

    @Test
    void noLevelOfTheLogShowsTheSecretOfTheClientOrACodeOfAPerson() {
        try (BrowserWindow window = window()) {
            logIn(window, "/?view=in-doubt", "ravi");
        }
        assertThat(rest.process().output()).contains("DEBUG [io.quarkus").doesNotContain(LoginServer.CLIENT_SECRET,
                RestService.basic(CLIENT, LoginServer.CLIENT_SECRET).substring(6), "grant_type=");
    }

    @Test
    void anOpenPageWhoseLoginHasEndedSaysSoAndIsNoFailedLogin() {
        String failed = "A login failed";
        long before = rest.process().output().split(failed).length;
        login.lasting(Duration.ofSeconds(15));
        try (BrowserWindow window = window().expects("401")) {
            Page page = logIn(window, "/?view=audit", "asha");
            assertThat(window.find(".failure")).containsText("the login has ended. Load the page again to log in.");
            window.awaitPolls(3);
            login.lasting(Duration.ofMinutes(5));
            page.reload();
            page.waitForURL(login.url() + "/auth**");
            page.click("text=asha");
            page.waitForURL(proxy.origin() + "/?view=audit");
            assertThat(window.find(".empty")).containsText("No entries yet");
        }
        assertThat(rest.process().output().split(failed)).hasSize((int) before);
    }

    @Test
    void whoHasNoRoleIsTold() {
        try (BrowserWindow window = window().expects("403")) {
            assertThat(logIn(window, "/batches", "nobody").textContent("body")).contains("this needs the role view");
        }
    }

    @Test
    void aScriptIsToldToLogInAndNotLedAnywhere() {
        RestService.Answer answer = rest.get("/batches", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        assertThat(rest.get("/batches").status()).isEqualTo(401);
        assertThat(rest.json("/service/pause", "{\"reason\":\"x\"}", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest",
                "document").status()).isEqualTo(401);
    }
}
