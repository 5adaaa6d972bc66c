// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;

/** People with names, passwords and roles, outside of the hours of a service that holds each batch for their cancel. */
class ConsolePeopleIT {
    private static final String PASSWORD = "a long pass phrase";

    /** Half a day from now. */
    private static final String HOURS = DateTimeFormatter.ofPattern("HH:00-HH:59 'UTC'")
            .format(ZonedDateTime.now(ZoneOffset.UTC).plusHours(12));

    private static final LocatorAssertions.ContainsTextOptions ANY_CASE = new LocatorAssertions.ContainsTextOptions()
            .setIgnoreCase(true);

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
        rest = RestService.start(RefundProcess.in(folder).archived().against(bos).env("REFUND_HOLD", "10m")
                .env("REFUND_RELEASE_ABOVE", "200").env("REFUND_HOURS", HOURS)
                .jvmArg("-Dquarkus.security.users.embedded.users.asha=" + PASSWORD)
                .jvmArg("-Dquarkus.security.users.embedded.roles.asha=submit,view")
                .jvmArg("-Dquarkus.security.users.embedded.users.meera=" + PASSWORD)
                .jvmArg("-Dquarkus.security.users.embedded.roles.meera=submit,view")
                .jvmArg("-Dquarkus.security.users.embedded.users.sunil=" + PASSWORD)
                .jvmArg("-Dquarkus.security.users.embedded.roles.sunil=submit")
                .jvmArg("-Dquarkus.security.users.embedded.users.ravi=" + PASSWORD)
                .jvmArg("-Dquarkus.security.users.embedded.roles.ravi=view"), folder);
        origin = "http://127.0.0.1:" + rest.port();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            rest.close();
            bos.close();
        }
    }

    private static BrowserWindow windowOf(String person) {
        return browser.open(origin, person, PASSWORD);
    }

    private static String upload(BrowserWindow window, String name, CsvFiles rows) {
        window.go("/?view=upload");
        window.find("input[type=file]").setInputFiles(rows.writeTo(folder.resolve(name)));
        window.press("Check");
        assertThat(window.find("#found")).hasText(rows.pairs().size() + " customers would be texted");
        window.press("Send: text " + rows.pairs().size() + " customers");
        window.page().waitForURL("**/?batch=*");
        return window.page().url().replaceFirst(".*batch=", "");
    }

    @Test
    void whoMayOnlyReadSeesNoDeadButton() {
        String batch;
        try (BrowserWindow window = windowOf("asha")) {
            batch = upload(window, "held.csv", CsvFiles.rows(7));
            assertThat(batch).startsWith("rest-");
            assertThat(window.find(".facts")).containsText("upload/held.csv");
            assertThat(window.find(".caller")).hasText("asha");
            assertThat(window.find(".deeds button")).hasCount(3);
        }
        try (BrowserWindow window = windowOf("ravi")) {
            for (String view : List.of("/", "/?batch=" + batch, "/?view=in-doubt", "/?view=customer", "/?view=audit",
                    "/?view=upload")) {
                window.go(view);
                assertThat(window.find(".caller")).containsText("view only");
                assertThat(window.find("h1")).isVisible();
                window.awaitPolls(1);
                assertThat(window.find("button").allTextContents()).as(view)
                        .allMatch(button -> button.equals("Find"));
                assertThat(window.find("nav").first()).not().containsText("Upload");
            }
            window.screenshot("view-only");
        }
        assertThat(rest.json("/batches/" + batch + "/cancel", "{\"reason\":\"x\"}", "Authorization",
                RestService.basic("ravi", PASSWORD)).status()).isEqualTo(403);
    }

    @Test
    void anUploadIsCheckedBeforeAnythingIsSent() {
        long before = bos.postCount();
        try (BrowserWindow window = windowOf("asha")) {
            upload(window, "first.csv", CsvFiles.rows(20).from(30_000));
            window.go("/?view=upload");
            window.find("input[type=file]").setInputFiles(new FilePayload("second <b>of two</b>.csv", "text/csv",
                    ("referenceid,ackno\n" + CsvFiles.rows(20).from(30_000).pair(3).referenceid() + ","
                            + CsvFiles.rows(20).from(30_000).pair(3).ackno() + "\nx,1\n4711,1\n")
                            .getBytes(StandardCharsets.UTF_8)));
            window.press("Check");
            assertThat(window.find("#found")).hasText("1 customer would be texted");
            assertThat(window.find("main")).containsText("First DUPLICATE rows");
            assertThat(window.find("main")).containsText("First REJECTED rows");
            assertThat(window.find("main")).containsText("Line 3:");
            window.screenshot("check");
            assertThat(window.barriers()).isEmpty();
            assertThat(rest.get("/batches", "Authorization", RestService.basic("ravi", PASSWORD)).http().body())
                    .doesNotContain("second");
            window.press("Send: text 1 customer");
            window.page().waitForURL("**/?batch=*");
            assertThat(window.find(".lead")).containsText("held since", ANY_CASE);
            assertThat(window.find(".facts")).containsText("upload/second <b>of two<_b>.csv");
            window.go("/");
            assertThat(window.find(".batches .file").getByText("upload/second <b>of two<_b>.csv")).hasCount(1);
            window.screenshot("upload-names");
        }
        assertThat(bos.postCount()).isEqualTo(before);
    }

    @Test
    void aFileOfTheInboxIsABatchOfItsOwnBesideAnUploadOfItsName() {
        CsvFiles rows = CsvFiles.rows(2).from(60_000);
        try (BrowserWindow window = windowOf("asha")) {
            upload(window, "both-ways.csv", rows);
            new DataTree(rest.data()).drop("both-ways.csv", rows);
            window.go("/");
            assertThat(window.find(".batches .file").getByText("both-ways.csv")).hasCount(2);
            assertThat(window.find(AriaRole.LINK, "both-ways-")).hasCount(1);
        }
    }

    @Test
    void aHeldBatchCountsDownAndIsCancelledBeforeAnybodyIsTexted() {
        long before = bos.postCount();
        try (BrowserWindow window = windowOf("asha")) {
            String batch = upload(window, "wrong.csv", CsvFiles.rows(150).from(10_000));
            assertThat(window.find(".lead")).containsText("held since", ANY_CASE);
            assertThat(window.find(".countdown")).hasText(Pattern.compile("9:\\d\\d"));
            window.screenshot("held");
            window.press("Cancel");
            assertThat(window.find("dialog")).containsText("150 rows that were not sent end REJECTED, for good");
            window.find("dialog input[name=rows]").fill("150");
            window.find("dialog input[name=reason]").fill("wrong file");
            window.find("dialog button[type=submit]").dblclick();
            assertThat(window.find("dialog [role=status]")).containsText("cancelled", ANY_CASE);
            window.screenshot("cancelled");
            window.press("Close");
            assertThat(window.find(".lead")).containsText("cancelled since", ANY_CASE);
            assertThat(window.find(".lead")).containsText("by asha: wrong file");
            assertThat(window.find(".outcomes .rejected .figure")).hasText("150");
            window.go("/?view=audit");
            assertThat(window.find(".deeds-done tbody tr").filter(new Locator.FilterOptions()
                    .setHasText(batch))).hasCount(1);
        }
        assertThat(bos.postCount()).isEqualTo(before);
    }

    @Test
    void whoResumesIsToldWhenCallsBegin() {
        Pattern later = Pattern.compile("begin at [^(]*:[03]0:00 \\(calls begin " + HOURS + "\\)");
        try (BrowserWindow window = windowOf("asha")) {
            upload(window, "at-night.csv", CsvFiles.rows(3).from(50_000));
            window.press("Resume");
            assertThat(window.find("dialog")).containsText(later);
            window.screenshot("resume-at-night");
            say(window, "counted");
            assertThat(window.find("dialog [role=status]")).containsText(later);
            window.press("Close");
            window.press("Pause the service");
            say(window, "BOS asked us to");
            window.press("Close");
            window.press("Resume the service");
            assertThat(window.find("dialog")).containsText(later);
            say(window, "BOS is back");
            assertThat(window.find("dialog [role=status]")).containsText("No call begins, hours by refund.hours");
            assertThat(window.find("dialog [role=status] time")).hasCount(1);
        }
    }

    private static void say(BrowserWindow window, String reason) {
        window.find("dialog input[name=reason]").fill(reason);
        window.find("dialog button[type=submit]").click();
    }

    @Test
    void ofTwoWhoDoTheSameAtOnceOneIsTold() {
        try (BrowserWindow one = windowOf("asha"); BrowserWindow two = windowOf("asha").expects("422")) {
            String batch = upload(one, "both.csv", CsvFiles.rows(9).from(20_000));
            Page other = two.go("/?batch=" + batch);
            two.press("Pause");
            two.find("dialog input[name=reason]").fill("too late");
            one.press("Cancel");
            one.find("dialog input[name=reason]").fill("wrong file");
            one.find("dialog button[type=submit]").click();
            assertThat(one.find("dialog [role=status]")).containsText("cancelled", ANY_CASE);

            two.find("dialog button[type=submit]").click();
            assertThat(two.find("dialog [role=alert]")).containsText("cancelled");
            other.keyboard().press("Escape");
            // and sees it without a reload
            assertThat(two.find(".lead")).containsText("cancelled since", ANY_CASE);
            assertThat(two.find(".deeds")).hasCount(0);
        }
    }

    @Test
    void aLargeBatchGoesOnAnotherPersonsWordAlone() {
        long before = bos.postCount();
        String batch;
        String other;
        try (BrowserWindow window = windowOf("asha")) {
            other = upload(window, "large-too.csv", CsvFiles.rows(201).from(41_000));
            batch = upload(window, "large.csv", CsvFiles.rows(250).from(40_000));
            assertThat(window.find(".lead")).containsText("unreleased since", ANY_CASE);
            assertThat(window.find(".lead")).containsText("another person must release it");
            window.find(AriaRole.LINK, "Release").last().click();
            window.page().waitForURL("**/?view=releases");
            assertThat(window.find(".verdict")).containsText("wait for another person's release");
            assertThat(waiting(window, batch)).containsText("It comes from you: another person must release it");
            assertThat(waiting(window, batch).getByRole(AriaRole.BUTTON)).hasText(new String[]{"Refuse"});
            window.screenshot("releases-own");
            assertThat(window.barriers()).isEmpty();
        }
        try (BrowserWindow window = windowOf("ravi")) {
            window.go("/?view=releases");
            assertThat(waiting(window, batch)).containsText("asha");
            assertThat(window.find("main button")).hasCount(0);
        }
        try (BrowserWindow window = windowOf("meera")) {
            window.go("/");
            window.find(AriaRole.LINK, "Releases 2").click();
            for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                window.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(colours));
                assertThat(window.barriers()).as(colours.name()).isEmpty();
                waiting(window, batch).getByText("Release: text 250 customers").click();
                window.screenshot("release-" + colours);
                assertThat(window.barriers()).as(colours.name()).isEmpty();
                window.press("Back");
            }
            waiting(window, batch).getByText("Release: text 250 customers").click();
            assertThat(window.find("dialog")).containsText("Asked by asha, who cannot release it");
            window.find("dialog input[name=rows]").fill("250");
            window.find("dialog input[name=reason]").fill("counted");
            window.find("dialog button[type=submit]").click();
            assertThat(window.find("dialog [role=status]")).hasText(batch + ": released by meera.");
            window.press("Close");
            assertThat(waiting(window, batch)).hasCount(0);

            waiting(window, other).getByText("Refuse").click();
            window.find("dialog input[name=rows]").fill("201");
            window.find("dialog input[name=reason]").fill("last month");
            window.find("dialog button[type=submit]").click();
            assertThat(window.find("dialog [role=status]")).hasText(other + ": refused by meera.");
            window.press("Close");
            window.go("/?batch=" + other);
            assertThat(window.find(".outcomes .rejected .figure")).hasText("201");
            window.go("/?batch=" + batch);
            assertThat(window.find(".lead")).containsText("held since", ANY_CASE);
            window.go("/?view=audit");
            assertThat(window.find(".deeds-done tbody tr").filter(new Locator.FilterOptions().setHasText(batch)))
                    .hasText(new Pattern[]{Pattern.compile(".*meera.*release.*counted"),
                            Pattern.compile(".*asha.*ask.*")});
        }
        assertThat(bos.postCount()).isEqualTo(before);
    }

    private static Locator waiting(BrowserWindow window, String batch) {
        return window.find(".releases tbody tr").filter(new Locator.FilterOptions().setHasText(batch));
    }

    @Test
    void whoMayNotGetsAPageInABrowserAndAProblemOverRest() {
        try (BrowserWindow window = browser.open(origin, "asha", "a guess").expects("401|favicon")) {
            Page page = window.go("/");
            assertThat(page.textContent("body")).contains("the login is wrong").doesNotContain("{");
            assertThat(window.find("h1")).hasText("Unauthorized");
            window.screenshot("unauthorized");
            assertThat(window.barriers()).isEmpty();
        }
        try (BrowserWindow window = windowOf("sunil").expects("403|favicon")) {
            window.go("/?view=in-doubt");
            assertThat(window.find("h1")).hasText("Forbidden");
            assertThat(window.find("main")).containsText("this needs the role view");
        }
        RestService.Answer api = rest.get("/batches", "Authorization", RestService.basic("sunil", PASSWORD));
        assertThat(api.status()).isEqualTo(403);
        assertThat(api.header("Content-Type")).isEqualTo("application/problem+json");
    }
}
