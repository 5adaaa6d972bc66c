// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ForcedColors;
import com.microsoft.playwright.options.ReducedMotion;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;

/** A file of 40,000 rows as the person sees it who dropped it, from the empty page to the last row; nobody has to log in. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleIT {
    private static final int ROWS = 40_000;
    private static final int REFUSED = 40; // each thousandth
    private static final int DOUBTED = 120; // each 333rd, but for the last ones
    private static final int FIRST_SIGHT = 60_000;
    private static final CsvFiles FILE = CsvFiles.rows(ROWS);

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrowserProcess browser;
    private static RestService rest;
    private static DataTree data;
    private static String origin;
    private static final AtomicInteger acted = new AtomicInteger();
    private static volatile boolean doubtful = true;
    private static volatile boolean blocking;

    @BeforeAll
    static void serve() {
        browser = BrowserProcess.start();
        bos = BosServer.start().reply(post -> {
            long ackno = Long.parseLong(post.ackno());
            if (blocking) {
                return Reply.html(403);
            }
            acted.incrementAndGet();
            if (ackno <= ROWS && ackno % 1_000 == 14) {
                return Reply.code(200, 2);
            }
            return doubtful && ackno % 333 == 13 && ackno < 333L * DOUBTED ? Reply.html(500) : Reply.success();
        });
        rest = RestService.start(launch(), folder);
        data = new DataTree(rest.data());
        origin = "http://127.0.0.1:" + rest.port();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            rest.close();
            bos.close();
            browser.close();
        }
    }

    private static RefundProcess.Launch launch() {
        // so that there is something to watch on a fast machine
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_RATE", "2500");
    }

    private static String batch() {
        return data.names(data.archive()).stream().filter(name -> name.startsWith("refunds-")).findFirst().orElseThrow()
                .replace(".csv", "");
    }

    private static void hasFigure(BrowserWindow window, String outcome, String figure) {
        assertThat(
                window.find(".outcomes li").filter(new Locator.FilterOptions().setHasText(outcome)).locator(".figure"))
                .hasText(figure);
    }

    @Test
    @Order(1)
    void aFileIsDroppedAndWatchedThroughAnOutageToItsEnd() throws Exception {
        try (BrowserWindow window = browser.open(origin)) {
            Page page = window.go("/");
            assertThat(window.find("main")).containsText("No batch yet");
            assertThat(window.find(".as-of").first()).hasText(Pattern.compile("as of \\d\\d:\\d\\d:\\d\\d"));
            assertThat(window.bytes()).isBetween(10_000L, (long) FIRST_SIGHT);
            window.screenshot("empty");

            data.drop("refunds.csv", FILE);
            window.find(AriaRole.LINK, "refunds-").first().click();
            page.waitForURL("**/?batch=refunds-*");
            assertThat(window.find(".facts")).containsText("Rate");
            assertThat(window.find(".facts")).containsText("rows a second");
            window.screenshot("going");

            page.waitForCondition(() -> acted.get() > 3_000);
            blocking = true;
            assertThat(window.find(".verdict")).containsText(Pattern.compile("outage since .*; [\\d,]+ rows wait"));
            assertThat(window.find(".verdict")).hasClass(Pattern.compile("stopped"));
            assertThat(window.find(".facts")).not().containsText("End");
            window.screenshot("outage");
            assertThat(acted.get()).isLessThan(ROWS);

            blocking = false;
            assertThat(window.find(".lead")).containsText("Complete since");
            hasFigure(window, "SUCCESS", "39,840");
            hasFigure(window, "ERROR", "40");
            hasFigure(window, "IN_DOUBT", "120");
            hasFigure(window, "DUPLICATE", "0");
            assertThat(window.find(".lead")).containsText("120 rows in doubt need you");
            window.screenshot("complete");
        }
        assertThat(acted.get()).isEqualTo(ROWS);
    }

    @Test
    @Order(3)
    void aPollMovesNothingThatAPersonReads() {
        try (BrowserWindow window = browser.open(origin)) {
            Page page = window.go("/?batch=" + batch());
            Locator link = window.find(".rows tbody tr").nth(30).locator("a");
            link.focus();
            page.evaluate("() => { const row = document.querySelectorAll('.rows tbody tr')[30];"
                    + " row.marked = true; document.activeElement.marked = true;"
                    + " getSelection().selectAllChildren(document.activeElement); }");
            String state = "() => [document.activeElement.marked === true, getSelection().toString(), scrollY,"
                    + " document.querySelectorAll('.rows tbody tr')[30].marked === true].join(' ')";
            Object before = page.evaluate(state);
            assertThat(before.toString()).startsWith("true " + FILE.pair(30).referenceid() + " ").endsWith(" true");
            data.drop("meanwhile.csv", CsvFiles.rows(3).from(500_000));
            window.awaitPolls(8);
            assertThat(page.evaluate(state)).isEqualTo(before);
        }
    }

    @Test
    @Order(4)
    void theBadRowsComeBackAsAFile() throws Exception {
        try (BrowserWindow window = browser.open(origin)) {
            Page page = window.go("/?batch=" + batch());
            Download download = page.waitForDownload(() -> page.getByText("error.csv").first().click());
            assertThat(Files.readAllLines(download.path())).hasSize(1 + REFUSED + DOUBTED);
        }
    }

    /** The first row that was in doubt. */
    private static Pair doubted() {
        return FILE.pair(12);
    }

    @Test
    @Order(8)
    void everyViewCanBeReadByEverybody() {
        List<String> views = List.of("/", "/?batch=" + batch(), "/?batch=" + batch() + "&outcome=ERROR",
                "/?view=in-doubt",
                "/?view=customer&referenceid=" + doubted().referenceid(), "/?view=audit", "/?view=upload");
        for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            try (BrowserWindow window = browser.open(origin,
                    person -> person.setColorScheme(colours).setReducedMotion(ReducedMotion.REDUCE))) {
                for (String view : views) {
                    shown(window, view);
                    window.screenshot(colours + "-" + views.indexOf(view));
                    assertThat(window.barriers()).as(colours + " " + view).isEmpty();
                    assertThat(window.page()
                            .evaluate("document.getAnimations().length + [...document.querySelectorAll('*')]"
                                    + ".filter(e => /[1-9]/.test(getComputedStyle(e).transitionDuration)).length"))
                            .isEqualTo(0);
                }
            }
        }
        try (BrowserWindow phone = browser.open(origin, person -> person.setViewportSize(320, 700))) {
            for (String view : views) {
                shown(phone, view);
                phone.screenshot("phone-" + views.indexOf(view));
                assertThat(phone.page().evaluate("document.documentElement.scrollWidth")).as(view).isEqualTo(320);
                assertThat(phone.barriers()).as("phone " + view).isEmpty();
            }
        }
        try (BrowserWindow contrast = browser.open(origin, person -> person.setForcedColors(ForcedColors.ACTIVE))) {
            shown(contrast, "/?batch=" + batch());
            contrast.screenshot("forced-colours");
            String colour = "name => getComputedStyle(document.querySelector(name)).backgroundColor";
            assertThat(contrast.page().evaluate(colour, "main .bar .success"))
                    .isNotEqualTo(contrast.page().evaluate(colour, "body"));
        }
    }

    private static void shown(BrowserWindow window, String view) {
        window.go(view);
        assertThat(window.find("h1")).isVisible();
        assertThat(window.find(".as-of").first()).containsText("as of");
        assertThat(window.find("main")).not().hasText("");
        window.awaitPolls(1);
    }

    @Test
    @Order(9)
    void anOpenPageLivesThroughARestart() {
        try (BrowserWindow window = browser.open(origin).expects("ERR_CONNECTION|ERR_EMPTY|ERR_SOCKET|503")) {
            window.go("/");
            assertThat(window.find(".as-of").first()).containsText("as of");
            window.page().evaluate("document.marked = true");
            rest.process().terminate();
            assertThat(rest.process().waitFor(Duration.ofSeconds(60))).isZero();
            assertThat(window.find(".as-of").first()).containsText("no news since: the service cannot be reached");
            assertThat(window.find(".as-of").first()).hasClass(Pattern.compile("stale"));
            window.screenshot("away");
            rest = rest.again(launch());
            assertThat(window.find(".as-of").first()).not().containsText("no news");
            data.drop("after.csv", CsvFiles.rows(2).from(600_000));
            assertThat(window.find(".batches")).containsText("after-");
            assertThat(window.page().evaluate("document.marked")).isEqualTo(true);
        }
    }
}
