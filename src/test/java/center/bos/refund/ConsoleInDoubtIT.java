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
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

import jakarta.jms.JMSContext;

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
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.JmsProvider;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;

/** What is in doubt of a file with a long name, of REST and of a message, in one list; and a service that a person pauses. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleInDoubtIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    /** 200 characters, with the ending. */
    private static final String FILE = "refunds_of_november_".repeat(10).substring(0, 196) + ".csv";
    private static final int OF_THE_FILE = 12;
    private static final String PENDING = "Pending at the bank";
    private static final String LATER = "Accepted for later";

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrokerProcess broker;
    private static BrowserProcess browser;
    private static RestService rest;
    private static DataTree data;
    private static String origin;
    private static String batch;
    private static volatile boolean doubtful = true;
    /** Of three rows, of which two are in doubt before the third has its answer. */
    private static final long HALF = 40_000;
    /** Of ten rows that BOS always leaves in doubt. */
    private static final long STILL = 100_000;
    /** Whatever stands behind it is written from right to left. */
    private static final String TURNED = "\u202Eelbissop ton";
    /** From here on BOS gives each row a message of its own. */
    private static final long MANY = 200_000;
    private static final Semaphore whole = new Semaphore(0);

    @BeforeAll
    static void serve() {
        browser = BrowserProcess.start();
        bos = BosServer.start().reply(post -> {
            long ackno = Long.parseLong(post.ackno());
            if (ackno / 10 == STILL / 10) {
                return Reply.json(200, "{\"status\":true,\"response_code\":9,\"message\":\"" + TURNED + "\"}");
            }
            if (ackno >= MANY) {
                return Reply.json(200,
                        "{\"status\":false,\"response_code\":2,\"message\":\"No transaction " + ackno + "\"}");
            }
            if (ackno == HALF + 3) {
                whole.acquireUninterruptibly();
                whole.release();
                return Reply.success();
            }
            if (ackno % 10 == 8 && ackno < 1_000) {
                return Reply.code(200, 2);
            }
            // neither is BOS' word that it acted, nor that it did not
            return !doubtful && (whole.availablePermits() > 0 || ackno <= HALF || ackno > HALF + 3) || ackno % 10 == 9
                    ? Reply.success()
                    : Reply.json(200, "{\"status\":true,\"response_code\":" + (ackno % 2 == 0 ? 9 : 10)
                            + ",\"message\":\"" + (ackno % 2 == 0 ? PENDING : LATER) + "\"}");
        });
        broker = JmsProvider.ARTEMIS.start(folder.resolve("broker"));
        rest = RestService.start(
                JmsProvider.ARTEMIS.configure(RefundProcess.in(folder).archived().against(bos), broker, folder),
                folder);
        data = new DataTree(rest.data());
        origin = "http://127.0.0.1:" + rest.port();

        // line 2 is ackno 1, …: PENDING 2 4 6 10 12, LATER 1 3 5 7 11, ERROR 8, SUCCESS 9
        data.drop(FILE, CsvFiles.rows(OF_THE_FILE));
        batch = await().atMost(SOON).until(() -> rest.get("/batches?state=complete").json().at("/batches/0/batch")
                .asText(), id -> !id.isEmpty());
        assertThat(rest.json("/refunds", "{\"referenceid\":\"2001\",\"ackno\":\"22\"}").json().get("outcome").asText())
                .isEqualTo("IN_DOUBT");
        try (JMSContext jms = JmsProvider.ARTEMIS.client(broker).createContext()) {
            jms.createProducer().send(jms.createQueue("bos.refund.requests"),
                    "[{\"referenceid\":\"3001\",\"ackno\":\"31\"},{\"referenceid\":\"3002\",\"ackno\":\"32\"}]");
        }
        await().atMost(SOON).until(() -> inDoubt() == 13);
        doubtful = false;
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            rest.close();
            broker.close();
            bos.close();
        }
    }

    private static int inDoubt() {
        return rest.get("/in-doubt").json().get("total").asInt();
    }

    private static Locator reason(BrowserWindow window, String message) {
        return window.find(".reasons tbody tr").filter(new Locator.FilterOptions().setHasText(message));
    }

    private static Locator row(BrowserWindow window, String text) {
        return window.find(".rows tbody tr").filter(new Locator.FilterOptions().setHasText(text));
    }

    private static void say(BrowserWindow window, String reason) {
        window.find("dialog input[name=by]").fill("asha");
        window.find("dialog input[name=reason]").fill(reason);
        window.find("dialog button[type=submit]").click();
    }

    @Test
    @Order(1)
    void filesRestAndJmsAreOneListTheOldestFirst() {
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?view=in-doubt");
            assertThat(window.find(".lead")).containsText("13 rows");
            assertThat(window.find("nav .badge")).hasText("13");
            assertThat(window.find(".rows tbody tr")).hasCount(13);
            List<String> sources = window.find(".rows td[data-label=Source]").allTextContents();
            assertThat(sources).startsWith("FILE").endsWith("JMS", "JMS").filteredOn("REST"::equals).hasSize(1);
            assertThat(sources.indexOf("REST")).isEqualTo(10);
            assertThat(reason(window, PENDING)).containsText("7");
            assertThat(reason(window, LATER)).containsText("6");
            window.screenshot("in-doubt-of-all");
            reason(window, LATER).locator("th a").click();
            window.page().waitForURL("**/?view=in-doubt&message=*");
            assertThat(window.find(".rows tbody tr")).hasCount(6);
        }
    }

    @Test
    @Order(2)
    void theRowsOfOneReasonComeBackAsAFile() throws IOException {
        try (BrowserWindow window = browser.open(origin)) {
            Page page = window.go("/?batch=" + batch);
            assertThat(window.find("h1")).hasText(batch);
            Download file = page.waitForDownload(() -> reason(window, PENDING).locator(".deed a").click());
            assertThat(file.suggestedFilename()).isEqualTo("error.csv");
            assertThat(Files.readAllLines(file.path())).hasSize(6).filteredOn(line -> line.contains(PENDING))
                    .hasSize(5);
        }
    }

    @Test
    @Order(3)
    void aLongNameFitsOnAPhoneAndOnADesk() {
        assertThat(FILE).hasSize(200);
        List<String> views = List.of("/", "/?batch=" + batch, "/?view=in-doubt");
        for (int width : List.of(320, 1280)) {
            try (BrowserWindow window = browser.open(origin, person -> person.setViewportSize(width, 700))) {
                for (String view : views) {
                    window.go(view);
                    assertThat(window.find("main")).containsText("refunds_of_november");
                    window.awaitPolls(1);
                    window.screenshot("long-name-" + width + "-" + views.indexOf(view));
                    assertThat(window.page().evaluate("document.documentElement.scrollWidth")).as(view)
                            .isEqualTo(width);
                }
            }
        }
    }

    @Test
    @Order(4)
    void chosenRowsAreSentAgain() {
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?view=in-doubt");
            row(window, "REST").locator("input").check();
            row(window, "3001").locator("input").check();
            window.awaitPolls(3);
            assertThat(row(window, "3001").locator("input")).isChecked();
            window.find(".chosen button").click();
            assertThat(window.find("dialog h2")).hasText("Text 2 customers again");
            say(window, "BOS says it did not send");
            assertThat(window.find("dialog [role=status]")).containsText("2 rows sent again, 0 skipped");
            window.press("Close");
            assertThat(window.find(".lead")).containsText("11 rows");
            assertThat(row(window, "3001")).hasCount(0);
            assertThat(row(window, "REST")).hasCount(0);
            window.go("/?view=customer&referenceid=2001");
            assertThat(window.find(".read-out")).containsText("again by asha");
            assertThat(window.find(".history td.batch")).containsText("rest-");
            assertThat(window.find(".history td.batch a")).hasCount(0); // of a single refund there is no view
        }
        // what is sent again is in doubt no more before it is called
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(bos.postsFor("2001", "22")).hasSize(2);
            assertThat(bos.postsFor("3001", "31")).hasSize(2);
        });
        assertThat(bos.postsFor("3002", "32")).hasSize(1);
    }

    @Test
    @Order(5)
    void whatChangedMeanwhileIsSkippedAndSaid() {
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?batch=" + batch + "&outcome=IN_DOUBT");
            window.find("input[type=checkbox]").nth(0).check();
            window.find("input[type=checkbox]").nth(1).check();
            window.find(".chosen button").click();
            assertThat(window.find("dialog h2")).hasText("Text 2 customers again");
            String line = window.find(".rows tbody th").first().textContent();
            rest.json("/in-doubt/resend", "{\"rows\":[{\"batch\":\"" + batch + "\",\"line\":" + line
                    + "}],\"reason\":\"was first\",\"by\":\"ravi\"}");
            await().atMost(SOON).until(() -> rest.get("/batches?state=complete").json().get("batches").size() == 1
                    && inDoubt() == 10);
            say(window, "BOS says it did not send");
            assertThat(window.find("dialog [role=status]")).containsText("1 row sent again, 1 skipped");
            assertThat(window.find("dialog [role=status] li")).containsText("line " + line + ":");
            window.press("Close");
        }
        await().atMost(SOON).until(() -> inDoubt() == 9);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(LongStream.rangeClosed(0, OF_THE_FILE - 1).map(i -> bos.postsFor(
                        CsvFiles.rows(OF_THE_FILE).pair(i).referenceid(), CsvFiles.rows(OF_THE_FILE).pair(i).ackno())
                        .size())
                        .boxed().toList()).containsOnly(1L, 2L).filteredOn(posts -> posts == 2).hasSize(2));
    }

    @Test
    @Order(6)
    void allRowsOfAReasonAreSentAgainWhereverTheyCameFrom() {
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?view=in-doubt");
            Locator pending = reason(window, PENDING);
            int before = Integer.parseInt(pending.locator("td").first().textContent());
            int all = inDoubt();
            pending.locator("button").click();
            assertThat(window.find("dialog")).containsText("All that are in doubt because: " + PENDING);
            say(window, "BOS says it did not send");
            assertThat(window.find("dialog [role=status]")).containsText(
                    before + (before == 1 ? " row" : " rows") + " sent again, 0 skipped");
            window.press("Close");
            assertThat(pending).hasCount(0);
            assertThat(window.find(".lead")).containsText(all - before + " rows");
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(bos.postsFor("3002", "32")).hasSize(2));
    }

    @Test
    @Order(7)
    void aPausedServiceSaysSoEverywhereAndEveryDialogCanBeReadByEverybody() {
        String waiting = null;
        for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            try (BrowserWindow window = browser.open(origin, person -> person.setColorScheme(colours))) {
                window.go("/");
                if (waiting == null) {
                    window.press("Pause the service");
                    read(window, "pause");
                    say(window, "BOS asked us to");
                    assertThat(window.find("dialog [role=status]")).containsText("No call begins, paused since");
                    window.press("Close");
                    data.drop("waiting.csv", CsvFiles.rows(150).from(50_000));
                    waiting = await().atMost(SOON).until(() -> rest.get("/batches?state=open").json()
                            .at("/batches/0/batch").asText(), id -> !id.isEmpty());
                }
                assertThat(window.find(".verdict .says")).hasText(
                        Pattern.compile("No call begins, paused since .* by asha: BOS asked us to; 150 rows wait"));
                assertThat(window.find(".verdict")).hasClass(Pattern.compile("stopped"));
                read(window, colours + "-paused");
                window.go("/?batch=" + waiting);
                assertThat(window.find(".lead")).containsText("No call begins; 150 rows wait");
                read(window, colours + "-paused-batch");
                for (String deed : List.of("Resume the service", "Pause", "Cancel")) {
                    window.press(deed);
                    assertThat(window.find("dialog")).isVisible();
                    read(window, colours + "-dialog-" + deed);
                    window.press("Back");
                }
                window.press("Cancel");
                window.find("dialog input[name=rows]").fill("15");
                say(window, "wrong file");
                assertThat(window.find("dialog [role=alert]")).containsText("it is 150");
                read(window, colours + "-dialog-refused");
                window.press("Back");
                window.go("/?view=in-doubt");
                reason(window, LATER).locator("button").click();
                read(window, colours + "-dialog-resend");
                window.press("Back");
            }
        }
        assertThat(bos.postsFor(CsvFiles.rows(1).from(50_000).pair(0).referenceid(), "50001")).isEmpty();
        String id = waiting;
        await().atMost(SOON.multipliedBy(2)).until(
                () -> rest.get("/batches/" + id + "/minutes").json().get("minutes").size() > 1);
        try (BrowserWindow phone = browser.open(origin, person -> person.setViewportSize(320, 700))) {
            phone.go("/?batch=" + id);
            phone.press("Resume the service");
            read(phone, "phone-dialog");
            assertThat(phone.page().evaluate("document.documentElement.scrollWidth")).isEqualTo(320);
            say(phone, "BOS is back");
            assertThat(phone.find("dialog [role=status]")).containsText(Pattern.compile("Under way|Nothing waits"));
            read(phone, "phone-dialog-done");
            phone.press("Close");
            assertThat(phone.find(".lead")).containsText("all 150 rows have their outcome");
            assertThat(phone.find(".course rect.success").first()).isVisible();
            assertThat(phone.find(".minutes")).hasCount(0);
            phone.find("summary").click();
            assertThat(phone.find(".minutes td.success").first()).isVisible();
            assertThat(phone.find(".minutes tbody tr").last()).not().containsText("150");
            read(phone, "phone-minutes");
        }
    }

    private static void read(BrowserWindow window, String name) {
        window.screenshot(name.replace(' ', '-'));
        assertThat(window.barriers()).as(name).isEmpty();
    }

    @Test
    @Order(8)
    void aBatchWithoutRowsIsComplete() {
        data.drop("nothing.csv", "referenceid,ackno\n");
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/");
            window.find(".batches a").filter(new Locator.FilterOptions().setHasText("nothing-")).click();
            assertThat(window.find(".lead")).containsText("it has no rows");
            assertThat(window.find(".empty")).hasText("The batch has no rows.");
            read(window, "no-rows");
        }
    }

    @Test
    @Order(9)
    void anUploadIsByWhomThePersonSaysItIs() {
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?view=upload");
            window.find("input[type=file]").setInputFiles(CsvFiles.rows(2).from(70_000).writeTo(
                    folder.resolve("two.csv")));
            window.press("Check");
            window.press("Send: text 2 customers");
            assertThat(window.find("input[name=by]:invalid")).hasCount(1);
            window.find("input[name=by]").fill("asha");
            read(window, "upload-by");
            window.press("Send: text 2 customers");
            window.page().waitForURL("**/?batch=*");
            assertThat(window.find(".facts")).containsText("Submitted by");
            assertThat(window.find(".facts")).containsText("asha");
            window.go("/?batch=" + batch);
            assertThat(window.find(".facts")).containsText("inbox");
        }
    }

    @Test
    @Order(10)
    void rowsOfABatchThatIsNotDoneAreNotCountedAndKeepNoOtherFromBeingSentAgain() {
        int before = inDoubt();
        data.drop("half.csv", CsvFiles.rows(3).from(HALF));
        await().atMost(SOON).until(() -> inDoubt() == before + 2);
        String half = CsvFiles.rows(3).from(HALF).pair(0).referenceid();
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?view=in-doubt");
            assertThat(window.find(".lead")).containsText(before + 2 + " rows");
            assertThat(window.find(".lead")).containsText("2 rows can be sent again only once");
            assertThat(window.find(".chosen button")).hasText("Text " + customers(before) + " again");
            assertThat(row(window, half)).hasCount(1);
            assertThat(row(window, half).locator("input")).hasCount(0);
            read(window, "half");
            assertThat(reason(window, LATER).locator("td").first()).hasText(String.valueOf(before + 1));
            reason(window, LATER).locator("button").click();
            assertThat(window.find("dialog h2")).hasText("Text " + customers(before) + " again");
            say(window, "BOS says it did not send");
            assertThat(window.find("dialog [role=status]")).containsText(before + " rows sent again, 1 skipped");
            assertThat(window.find("dialog [role=status] li")).containsText("line 2: its batch is not finished");
            window.press("Close");
            assertThat(reason(window, LATER).locator("button")).hasCount(0);
        } finally {
            whole.release();
        }
        await().atMost(SOON).until(() -> rest.get("/in-doubt").json().get("resendable").asInt() == 2);
    }

    private static String customers(int count) {
        return count + (count == 1 ? " customer" : " customers");
    }

    @Test
    @Order(11)
    void whoComesLateIsToldThatNothingIsLeft() {
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?view=in-doubt");
            reason(window, LATER).locator("button").click();
            rest.json("/in-doubt/resend", "{\"message\":\"" + LATER + "\",\"reason\":\"was first\",\"by\":\"ravi\"}");
            await().atMost(SOON).until(() -> inDoubt() == 1 && bos.postsFor(
                    CsvFiles.rows(3).from(HALF).pair(0).referenceid(), String.valueOf(HALF + 1)).size() == 2);
            say(window, "BOS says it did not send");
            assertThat(window.find("dialog [role=status]")).containsText("Nothing is left to send again");
            assertThat(window.find("dialog [role=status]")).not().containsText("0 rows sent again");
        }
    }

    @Test
    @Order(12)
    void whatCannotBeReadIsSaidAndWhatIsShownIsCalledOld() {
        try (BrowserWindow window = browser.open(origin).expects("503")) {
            for (String view : List.of("/", "/?view=in-doubt")) {
                Page page = window.go(view);
                assertThat(window.find("main tbody tr").first()).isVisible();
                int rows = window.find("main tbody tr").count();
                Pattern reads = Pattern.compile(".*/(batches|in-doubt)\\?.*");
                page.route(reads, route -> route.fulfill(new Route.FulfillOptions().setStatus(503)
                        .setContentType("application/problem+json").setBody("{\"detail\":\"the ledger is away\"}")));
                assertThat(window.find(".failure")).containsText(Pattern.compile("the ledger is away\\. It is asked for"
                        + " again by itself.* What is shown is as of \\d\\d:\\d\\d:\\d\\d\\."));
                assertThat(window.find("main tbody tr")).hasCount(rows);
                assertThat(window.find("main .wide").first()).hasCSS("border-style", "dashed");
                read(window, "not-read-" + rows);
                page.unroute(reads);
                assertThat(window.find(".failure")).hasCount(0);
            }
        }
    }

    @Test
    @Order(13)
    void aLineThatIsNoNumberIsNotLookedFor() {
        try (BrowserWindow window = browser.open(origin).expects("400")) {
            Page page = window.go("/?batch=" + batch + "&after=x");
            assertThat(window.find(".failure")).containsText("query.after");
            assertThat(window.find("input[name=line]")).hasValue("");
            for (String line : List.of("x", "-1", "1234567890123456")) {
                window.find("input[name=line]").fill(line);
                window.press("Find");
                assertThat(window.find("input[name=line]:invalid")).hasCount(1);
                assertThat(page).hasURL(Pattern.compile(".*&after=x"));
            }
            window.find("input[name=line]").fill("12");
            window.press("Find");
            assertThat(window.find(".rows tbody th").first()).hasText("12");
            assertThat(window.find("input[name=line]")).hasValue("12");
        }
    }

    @Test
    @Order(14)
    void anOutcomeLeadsToItsRowsInView() {
        try (BrowserWindow window = browser.open(origin, person -> person.setViewportSize(900, 400))) {
            window.go("/?batch=" + batch);
            assertThat(window.find(".rows tbody tr")).hasCount(OF_THE_FILE);
            assertThat(window.find("#rows")).not().isInViewport();
            window.find(".outcomes .error a").click();
            assertThat(window.find(".rows tbody tr")).hasCount(1);
            assertThat(window.find(".rows tbody .error")).isInViewport();
            assertThat(window.find("#rows")).isFocused();
            window.screenshot("outcome-in-view");

            window.go("/");
            window.find(".batches td.error a").first().click();
            assertThat(window.find(".rows tbody tr")).hasCount(1);
            assertThat(window.find(".rows tbody .error")).isInViewport();
        }
    }

    @Test
    @Order(15)
    void allTimesAreInTheTimeZoneOfTheBrowserWhichIsSaid() {
        String zone = "Pacific/Chatham"; // its minutes are 45 apart from others
        try (BrowserWindow window = browser.open(origin, person -> person.setTimezoneId(zone))) {
            window.go("/?view=customer&referenceid=2001");
            assertThat(window.find(".as-of").first()).containsText("(" + zone + ")");
            assertThat(window.find(".read-out")).containsText("(Times of " + zone + ")");
            String asked = window.find(".history tbody time").first().textContent();
            assertThat(window.find(".read-out")).containsText(asked.replaceFirst(".*(\\d\\d:\\d\\d):\\d\\d$", "$1"));
            assertThat(window.find(".history tbody time").first()).hasAttribute("title",
                    Pattern.compile(asked.replaceFirst(".* ", "") + " " + zone));
            window.screenshot("customer-zone");
        }
    }

    @Test
    @Order(16)
    void reasonsThatAreNotShownAreCounted() {
        data.drop("many.csv", CsvFiles.rows(1_100).from(MANY));
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/");
            window.find(".batches a").filter(new Locator.FilterOptions().setHasText("many-")).first().click();
            assertThat(window.find(".lead")).containsText("Complete since");
            assertThat(window.find(".reasons tbody tr")).hasCount(50);
            assertThat(window.find("main")).containsText("The 50 most frequent reasons; 951 rows have others");
            assertThat(reason(window, "other reasons").locator("td").first()).hasText("100");
            reason(window, "other reasons").locator("th a").click();
            assertThat(window.find(".rows tbody .error")).hasCount(50);
        }
    }

    @Test
    @Order(17)
    void aCustomerWithManyRequestsHasPages() {
        data.drop("same.csv", "referenceid,ackno\n" + "88001,9\n".repeat(60));
        await().atMost(SOON).until(() -> rest.get("/refunds?referenceid=88001&offset=59").json().at("/history/0/batch")
                .asText().startsWith("same-"));
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?view=customer&referenceid=88001");
            assertThat(window.find(".history tbody tr")).hasCount(50);
            window.page().getByText("Next page").click();
            assertThat(window.find(".history tbody tr")).hasCount(10);
            window.page().getByText("First page").click();
            assertThat(window.find(".history tbody tr")).hasCount(50);
        }
    }

    @Test
    @Order(18)
    void whoDownloadsResultsThatAreGoneIsToldWhy() throws IOException {
        try (BrowserWindow window = browser.open(origin).expects("404")) {
            Page page = window.go("/?batch=" + batch);
            assertThat(window.find(".results a").first()).isVisible();
            Files.delete(rest.data().resolve("outbox").resolve(batch).resolve("success.csv"));
            window.find(".results a").first().click();
            assertThat(window.find("body")).containsText("no longer has them");
            page.goBack();
            assertThat(window.find("h1")).hasText(batch);
        }
    }

    @Test
    @Order(19)
    void aFileThatWasSavedAnewIsCheckedAnew() throws IOException {
        Path file = folder.resolve("excel.csv");
        try (BrowserWindow window = browser.open(origin).expects("404|ERR_UPLOAD_FILE_CHANGED")) {
            Page page = window.go("/?view=upload");
            choose(page, Files.writeString(file, "referenceid,ackno\n90001,9\nx,9\n"));
            window.press("Check");
            assertThat(window.find("#found")).hasText("1 customer would be texted");
            choose(page, Files.writeString(file, "referenceid,ackno\n90001,9\n90002,9\n"));
            assertThat(window.find("#found")).hasCount(0);
            window.press("Check");
            assertThat(window.find("#found")).hasText("2 customers would be texted");

            page.route(Pattern.compile(".*/send\\?.*"), route -> route.fulfill(new Route.FulfillOptions().setStatus(404)
                    .setContentType("application/problem+json").setBody("{\"detail\":\"check the rows again\"}")));
            window.find("input[name=by]").fill("asha");
            window.press("Send: text 2 customers");
            assertThat(window.find(".failure")).containsText("check the rows again");
            Files.writeString(file, "referenceid,ackno\n90001,9\n90002,9\n90003,9\n");
            window.press("Check");
            assertThat(window.find(".failure")).containsText("the file cannot be read: it was changed");
        }
    }

    /** As a person does; a file that is set by a script alone is always new. */
    private static void choose(Page page, Path file) {
        page.waitForFileChooser(() -> page.locator("input[type=file]").click()).setFiles(file);
    }

    @Test
    @Order(20)
    void whoseRolesAreNotKnownYetIsNotTakenForOneWhoMayOnlyRead() {
        try (BrowserWindow window = browser.open(origin).expects("503")) {
            List<Route> asked = new ArrayList<>();
            Pattern caller = Pattern.compile(".*/caller");
            window.page().route(caller, asked::add);
            window.go("/?view=upload");
            window.page().waitForCondition(() -> !asked.isEmpty());
            assertThat(window.find("h1")).hasText("Upload");
            assertThat(window.find("main")).not().containsText("This needs the role");
            window.page().unroute(caller);
            asked.get(0).fulfill(new Route.FulfillOptions().setStatus(503).setBody("{}"));
            assertThat(window.find("input[type=file]")).isVisible(new LocatorAssertions.IsVisibleOptions()
                    .setTimeout(30_000)); // a minute later is too late
        }
    }

    @Test
    @Order(21)
    void aMessageThatTurnsItsDirectionTurnsNothingElse() {
        data.drop("still.csv", CsvFiles.rows(2).from(STILL));
        await().atMost(SOON).until(() -> rest.get("/batches?state=complete").json().at("/batches/0/batch").asText()
                .startsWith("still-"));
        try (BrowserWindow window = browser.open(origin)) {
            for (String view : List.of("/?view=in-doubt", "/")) {
                window.go(view);
                if (view.equals("/")) {
                    window.find(".batches a").filter(new Locator.FilterOptions().setHasText("still-")).first().click();
                }
                reason(window, "elbissop").locator("button").click();
                assertThat(window.find("dialog")).containsText(TURNED);
                window.screenshot("turned");
                assertThat(window.page().evaluate(
                        """
                                () => {
                                  const texts = document.createTreeWalker(document.querySelector('dialog .consequence'), NodeFilter.SHOW_TEXT);
                                  while (!texts.nextNode().data.includes('Nobody knows'));
                                  const at = texts.currentNode.data.indexOf('Nobody');
                                  const left = from => {
                                    const letter = document.createRange();
                                    letter.setStart(texts.currentNode, from);
                                    letter.setEnd(texts.currentNode, from + 1);
                                    return letter.getBoundingClientRect().left;
                                  };
                                  return left(at) < left(at + 1);
                                }"""))
                        .isEqualTo(true);
                window.press("Back");
            }
        }
    }

    @Test
    @Order(22)
    void whoCancelsRowsThatWereInDoubtIsToldThatTheyAreInDoubtAgain() {
        String still = await().atMost(SOON).until(() -> rest.get("/batches?state=complete").json()
                .at("/batches/0/batch").asText(), id -> id.startsWith("still-"));
        rest.json("/service/pause", "{\"reason\":\"to look\",\"by\":\"asha\"}");
        rest.json("/in-doubt/resend", "{\"all\":true,\"batch\":\"" + still + "\",\"reason\":\"BOS says no\"}");
        try (BrowserWindow window = browser.open(origin)) {
            window.go("/?batch=" + still);
            window.press("Cancel");
            assertThat(window.find("dialog")).containsText("2 rows that were not sent end REJECTED, or IN_DOUBT again");
            say(window, "wrong file");
            assertThat(window.find("dialog [role=status]")).containsText("2 rows end REJECTED, or IN_DOUBT again");
            window.press("Close");
            assertThat(window.find(".outcomes .in_doubt .figure")).hasText("2");
        }
    }

    @Test
    @Order(23)
    void anActionWithoutAnAnswerIsTriedAgainInTheSameWords() {
        try (BrowserWindow window = browser.open(origin).expects("ERR_FAILED")) {
            Page page = window.go("/");
            Pattern resume = Pattern.compile(".*/service/resume.*");
            page.route(resume, route -> {
                route.fetch(); // it is done, and nobody learns of it
                route.abort();
            });
            window.press("Resume the service");
            say(window, "BOS is back");
            assertThat(window.find("dialog [role=alert]")).containsText("nobody knows whether it was done");
            assertThat(window.find("dialog input[name=reason]")).not().isEditable();
            assertThat(window.find("dialog input[name=by]")).not().isEditable();
            page.unroute(resume);
            window.find("dialog button[type=submit]").click();
            assertThat(window.find("dialog [role=status]")).containsText(Pattern.compile("Under way|Nothing waits"));
        }
    }
}
