// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.WebSite;

/** What a page of another site, such as a mail or a dashboard, can make a person's browser do. */
class ConsoleFromElsewhereIT {
    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrowserProcess browser;
    private static RestService rest;
    private static String origin;

    @BeforeAll
    static void serve() {
        browser = BrowserProcess.start();
        bos = BosServer.start();
        rest = RestService.start(RefundProcess.in(folder).archived().against(bos), folder);
        origin = "http://127.0.0.1:" + rest.port();
    }

    @AfterAll
    static void stop() {
        if (rest != null) {
            rest.close();
            bos.close();
        }
    }

    @Test
    void aLinkIsFollowed() {
        try (WebSite mail = WebSite.of("<link rel=icon href=data:,><a href='" + origin + "/batches'>batches</a>");
                BrowserWindow window = browser.open(origin).visits(mail.origin())) {
            window.page().navigate(mail.origin());
            window.page().click("a");
            window.page().waitForURL(origin + "/batches");
            assertThat(window.page().textContent("body")).contains("\"batches\":[]");
        }
    }

    @Test
    void nothingElseIsDone() {
        String form = "<form method=post enctype=text/plain action='" + origin
                + "/service/pause'><input name='{\"reason\":\"x\",\"by\":\"' value='y\"}'><button>x</button></form>";
        try (WebSite site = WebSite.of("<link rel=icon href=data:,>" + form);
                BrowserWindow window = browser.open(origin).visits(site.origin())
                        .expects("403|ERR_FAILED|CORS|ERR_BLOCKED")) {
            window.page().navigate(site.origin());
            window.page().click("button");
            window.page().waitForURL(origin + "/service/pause");
            assertThat(window.page().textContent("body")).contains("pages of other sites may not call");

            window.page().navigate(site.origin());
            window.page().evaluate("post => fetch(post, {method: 'POST', mode: 'no-cors', body: '{}'})",
                    origin + "/service/pause");
        }
        assertThat(rest.get("/batches", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest",
                "image").status()).isEqualTo(403);
        assertThat(rest.get("/batches", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest",
                "iframe").status()).isEqualTo(403);
        assertThat(rest.json("/service/pause", "{\"reason\":\"x\"}", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode",
                "navigate", "Sec-Fetch-Dest", "document").status()).isEqualTo(403);
        assertThat(rest.get("/service").json().get("why")).isEmpty();
        assertThat(rest.get("/audit").json().get("deeds")).isEmpty();
    }

    @Test
    void noPageShowsItInAFrame() {
        try (WebSite site = WebSite.of("<link rel=icon href=data:,><iframe src='" + origin + "/batches'></iframe>");
                BrowserWindow window = browser.open(origin).visits(site.origin())
                        .expects("403|frame-ancestors|X-Frame-Options")) {
            window.page().navigate(site.origin());
            assertThat(window.page().frames()).hasSize(2).last()
                    .satisfies(frame -> assertThat(frame.content()).doesNotContain("\"batches\""));
        }
    }
}
