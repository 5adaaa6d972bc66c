// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
import com.microsoft.playwright.Route;
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
    /** Until it is, the batch goes on slowly, however long the browser takes. */
    private static volatile boolean watched;
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
            Reply reply = doubtful && ackno % 333 == 13 && ackno < 333L * DOUBTED ? Reply.html(500) : Reply.success();
            return watched ? reply : reply.after(Duration.ofMillis(200));
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
            System.out.println("Bytes at first sight: " + window.bytes());
            assertThat(window.bytes()).isBetween(10_000L, (long) FIRST_SIGHT);
            window.screenshot("empty");

            data.drop("refunds.csv", FILE);
            window.find(AriaRole.LINK, "refunds-").first().click();
            page.waitForURL("**/?batch=refunds-*");
            assertThat(window.find(".facts")).containsText("Rate");
            assertThat(window.find(".facts")).containsText("rows a second");
            watched = true;
            window.screenshot("going");

            page.waitForCondition(() -> acted.get() > 3_000);
            blocking = true;
            assertThat(window.find(".verdict")).containsText(Pattern.compile("outage since .*; [\\d,]+ rows wait"));
            assertThat(window.find(".verdict")).hasClass(Pattern.compile("stopped"));
            assertThat(window.find(".verdict [role=status]")).hasText("Stopped"); // no count, which would be read out every 2 s
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
    @Order(2)
    void reasonsAreRankedAndLeadToTheirRowsUnderALinkThatCanBePassedOn() {
        try (BrowserWindow window = browser.open(origin)) {
            Page page = window.go("/?batch=" + batch());
            Locator reasons = window.find(".reasons tbody tr");
            assertThat(reasons).hasCount(2);
            assertThat(reasons.first()).containsText("120");
            assertThat(reasons.nth(1)).containsText("code 2");
            assertThat(reasons.nth(1)).containsText("Look the pair up with BOS");
            reasons.nth(1).locator("th a").click();
            page.waitForURL("**/?batch=*&outcome=ERROR&code=2&message=*");
            // a page looks through so many rows at the most, and may have fewer than there are
            assertThat(window.find(".rows tbody tr").first()).containsText("Transaction not found");
            int found = window.find(".rows tbody tr").count();
            assertThat(found).isBetween(1, REFUSED);
            page.reload();
            assertThat(window.find(".rows tbody tr")).hasCount(found);
            assertThat(window.find(".rows tbody .error")).hasCount(found);
            assertThat(window.find("select[name=outcome]")).hasValue("ERROR");

            page.goBack();
            assertThat(window.find(".rows tbody tr")).hasCount(50);
            page.getByText("Next page").click();
            assertThat(window.find(".rows tbody tr").first()).containsText("52");
            window.find("input[name=referenceid]").fill(FILE.pair(20_000).referenceid());
            window.press("Find");
            assertThat(window.find(".rows tbody tr")).hasCount(1);
            assertThat(window.find(".rows tbody tr")).containsText("20002");
        }
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

    @Test
    @Order(5)
    void rowsInDoubtAreSentAgainByKeyboardAlone() {
        doubtful = false;
        int before = acted.get();
        try (BrowserWindow window = browser.open(origin)) {
            Page page = window.go("/?view=in-doubt");
            assertThat(window.find(".lead")).containsText("120 rows");
            window.screenshot("in-doubt");
            window.tabTo("Text 120 customers again");
            page.keyboard().press("Enter");
            assertThat(window.find("dialog")).containsText("who has an OTP gets a second one");
            window.tabTo("Type the number of rows");
            page.keyboard().type("12");
            window.tabTo("Your name");
            page.keyboard().type("asha");
            window.tabTo("Reason");
            page.keyboard().type("BOS says it did not send");
            page.keyboard().press("Enter");
            assertThat(window.find("dialog [role=alert]")).containsText("The number does not fit");
            assertThat(acted.get()).isEqualTo(before);

            window.tabTo("Type the number of rows");
            page.keyboard().type("120");
            List<Route> late = new ArrayList<>();
            Pattern rows = Pattern.compile(".*/in-doubt\\?.*");
            page.route(rows, late::add); // the page learns of it when the dialog is closed
            page.keyboard().press("Enter");
            page.keyboard().press("Enter"); // once too often does nothing more
            assertThat(window.find("dialog [role=status]")).containsText("120 rows sent again, 0 skipped");
            page.keyboard().press("Escape");
            assertThat(window.find("dialog")).hasCount(0);
            assertThat(window.find(".reasons button")).isFocused();
            page.unroute(rows);
            late.forEach(Route::resume);
            assertThat(window.find("h1")).isFocused();
            assertThat(window.find(".lead")).containsText("No row is in doubt");
        }
        await().until(() -> rest.get("/service").json().get("open_batches").asLong() == 0);
        assertThat(acted.get()).isEqualTo(before + DOUBTED);
        assertThat(bos.postsFor(doubted().referenceid(), doubted().ackno())).hasSize(2);
        assertThat(rest.get("/audit").json().get("deeds").get(0).toString()).contains("\"resend\"", "\"asha",
                "BOS says it did not send");
    }

    /** The first row that was in doubt. */
    private static Pair doubted() {
        return FILE.pair(12);
    }

    @Test
    @Order(6)
    void aCustomerWhoComplainsIsAnsweredInOneSentence() {
        try (BrowserWindow window = browser.open(origin)) {
            Page page = window.go("/?view=customer");
            window.find("input[name=referenceid]").fill(doubted().referenceid());
            page.keyboard().press("Enter");
            page.waitForURL("**/?view=customer&referenceid=" + doubted().referenceid());
            assertThat(window.find(".read-out")).containsText("again by asha");
            assertThat(window.find(".read-out")).containsText("BOS said sent");
            assertThat(window.find(".history tbody tr")).hasCount(1);
            window.screenshot("customer");

            window.expects("404").find("input[name=referenceid]").fill("4711");
            window.press("Find");
            assertThat(window.find(".empty")).containsText("4711: there is no request for this reference id");
        }
    }

    @Test
    @Order(7)
    void whoDidWhatIsListedAndLookingIsNoDeed() {
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?view=audit");
            Locator deeds = window.find(".deeds-done tbody tr");
            assertThat(deeds.first()).containsText("asha");
            assertThat(deeds.first()).containsText("BOS says it did not send");
            int before = deeds.count();
            window.go("/");
            window.go("/?batch=" + batch());
            window.go("/?view=audit");
            assertThat(deeds).hasCount(before);
        }
    }

    @Test
    @Order(8)
    void everyViewCanBeReadByEverybody() {
        List<String> views = List.of("/", "/?batch=" + batch(), "/?batch=" + batch() + "&outcome=ERROR",
                "/?view=in-doubt",
                "/?view=customer&referenceid=" + doubted().referenceid(), "/?view=audit", "/?view=upload",
                "/?view=releases");
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
    void itsFilesAreKeptByTheBrowserAndNothingThatItShows() throws IOException {
        Path resources = Path.of("src/main/resources/META-INF/resources");
        List<String> files;
        try (Stream<Path> all = Files.walk(resources)) {
            files = Stream.concat(Stream.of("/", "/favicon.ico", "/lib/preact.js"), all.filter(Files::isRegularFile)
                    .map(file -> "/" + resources.relativize(file))).toList();
        }
        assertThat(files).hasSizeGreaterThan(15);
        for (String file : files) {
            RestService.Answer answer = rest.get(file);
            assertThat(answer.status()).as(file).isEqualTo(200);
            assertThat(answer.header("Cache-Control")).as(file).isEqualTo("no-cache"); // kept, and asked for again by its tag
            RestService.Answer again = rest.get(file, "If-None-Match", answer.header("ETag"));
            assertThat(again.status()).as(file).isEqualTo(304);
            assertThat(again.http().body()).isEmpty();
        }
        for (String path : List.of("/service", "/batches", "/caller", "/in-doubt", "/batches/" + batch() + "/error.csv",
                "/nothing")) {
            assertThat(rest.get(path).header("Cache-Control")).as(path).isEqualTo("no-store");
        }
        try (BrowserWindow window = browser.open(origin)) {
            shown(window, "/");
            long first = window.bytes();
            shown(window, "/");
            System.out.println("Bytes at second sight: " + (window.bytes() - first));
            assertThat(window.bytes() - first).isLessThan(first / 2);
        }
    }

    @Test
    @Order(10)
    void alertsAndTheLogLinkToTheViewThatShowsIt() throws IOException {
        String alerts = Files.readString(Path.of("deploy/prometheus/refund-alerts.yml"));
        List<String> links = Pattern.compile("console_url: \"\\{\\{ \\$externalLabels.console }}(/\\S*)\"")
                .matcher(
                        alerts)
                .results().map(found -> found.group(1)).toList();
        assertThat(links).hasSize((int) Pattern.compile("- alert: ").matcher(alerts).results().count())
                .contains("/?view=in-doubt");
        try (BrowserWindow window = browser.open(origin)) {
            for (String link : links) {
                window.go(link);
                assertThat(window.find("h1")).hasText(link.equals("/?view=in-doubt") ? "In doubt" : "Batches");
                assertThat(window.find("nav [aria-current]")).hasCount(1);
            }
            String log = rest.process().output();
            for (String said : List.of("Accepted refunds.csv as batch", "Batch " + batch() + " is complete",
                    "IN_DOUBT, HTTP 500")) {
                Matcher line = Pattern.compile(Pattern.quote(said) + ".*; console: (/\\S*)").matcher(log);
                assertThat(line.find()).as(said).isTrue();
                window.go(line.group(1));
                assertThat(window.find("h1")).hasText(said.startsWith("IN_DOUBT") ? "In doubt" : batch());
            }
            assertThat(log).contains("The console is at " + origin + "/");
        }
    }

    @Test
    @Order(11)
    void anOpenPageLivesThroughARestart() {
        try (BrowserWindow window = browser.open(origin).expects("ERR_CONNECTION|ERR_EMPTY|ERR_SOCKET|503")) {
            window.go("/");
            assertThat(window.find(".as-of").first()).containsText("as of");
            window.page().evaluate("document.marked = true");
            rest.process().terminate();
            assertThat(rest.process().waitFor(Duration.ofSeconds(60))).isZero();
            assertThat(window.find(".as-of").first()).containsText("no news since: the service cannot be reached");
            assertThat(window.find(".as-of").first()).hasClass(Pattern.compile("stale"));
            assertThat(window.find(".verdict")).hasClass("verdict stale"); // neither well nor stopped
            window.screenshot("away");
            rest = rest.again(launch());
            assertThat(window.find(".as-of").first()).not().containsText("no news");
            data.drop("after.csv", CsvFiles.rows(2).from(600_000));
            assertThat(window.find(".batches")).containsText("after-");
            assertThat(window.page().evaluate("document.marked")).isEqualTo(true);
        }
    }
}
