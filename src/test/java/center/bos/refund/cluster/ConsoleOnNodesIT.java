// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.microsoft.playwright.Page;

import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.SelfSigned;
import center.bos.refund.testkit.TlsProxy;

/** People whose browser comes through an nginx that asks two nodes in turn, request by request, whoever took the file. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleOnNodesIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String PASSWORD = "a long pass phrase";
    private static final int MOST_UPLOADS = 20;
    private static final String DOWNLOAD = "GET .*/(success|error).csv";
    private static final String SEND = "POST .*/send";

    private static final String[] ASHA = {"Authorization", RestService.basic("asha", PASSWORD)};

    @TempDir
    static Path folder;
    private static BrowserProcess browser;
    private static Cluster cluster;
    private static RestService one;
    private static RestService two;
    private static TlsProxy proxy;
    private static volatile boolean doubtful;

    @BeforeAll
    static void serve() {
        browser = BrowserProcess.start();
        cluster = new Cluster(PostgresServer.Version.NEWEST, folder);
        cluster.bos()
                .reply(post -> doubtful && Long.parseLong(post.ackno()) % 10 == 4 ? Reply.html(500) : Reply.success());
        one = start("one");
        two = start("two");
        proxy = TlsProxy.start(folder, SelfSigned.forLoopback(folder), one.port(), two.port());
    }

    private static RestService start(String node) {
        return RestService.start(cluster.node(node).launch().env("REFUND_HTTP_TRUSTED_PROXIES", TlsProxy.ADDRESS)
                .env("REFUND_RELEASE_ABOVE", "50")
                .jvmArg("-Dquarkus.security.users.embedded.users.asha=" + PASSWORD)
                .jvmArg("-Dquarkus.security.users.embedded.roles.asha=submit,view")
                .jvmArg("-Dquarkus.security.users.embedded.users.ravi=" + PASSWORD)
                .jvmArg("-Dquarkus.security.users.embedded.roles.ravi=submit,view"), folder.resolve(node));
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            proxy.close();
            one.close();
            two.close();
            cluster.close();
        }
    }

    /** Both nodes call, and no row is in doubt, whatever the test before left. */
    @BeforeEach
    void begin() {
        doubtful = false;
        for (RestService node : List.of(one, two)) {
            assertThat(node.json("/service/resume", "{}", ASHA).status()).isEqualTo(200);
        }
        one.json("/in-doubt/resend", "{\"all\":true,\"reason\":\"the next test\"}", ASHA);
        await().atMost(SOON).until(() -> one.get("/in-doubt", ASHA).json().get("total").asInt() == 0);
        doubtful = true;
    }

    private BrowserWindow windowOf(String person) {
        return browser.open(proxy.origin(),
                options -> options.setIgnoreHTTPSErrors(true).setHttpCredentials(person, PASSWORD));
    }

    private String upload(BrowserWindow window, String name, int rows, long from) {
        window.go("/?view=upload");
        window.find("input[type=file]")
                .setInputFiles(CsvFiles.rows(rows).from(from).writeTo(folder.resolve(name)));
        window.press("Check");
        assertThat(window.find("#found")).hasText(rows + " customers would be texted");
        window.press("Send: text " + rows + " customers");
        window.page().waitForURL("**/?batch=*");
        return window.page().url().replaceFirst(".*batch=", "");
    }

    private static void confirm(BrowserWindow window, String result) {
        window.find("dialog input[name=reason]").fill("BOS says it did not send");
        window.find("dialog button[type=submit]").click();
        assertThat(window.find("dialog [role=status]")).containsText(result);
        window.press("Close");
    }

    private static List<String> download(BrowserWindow window, String file) throws Exception {
        Page page = window.page();
        return Files.readAllLines(page.waitForDownload(() -> page.getByText(file).first().click()).path());
    }

    @Test
    void aPersonDoesEverythingWhicheverNodeAnswers() throws Exception {
        Set<String> took = new HashSet<>();
        try (BrowserWindow asha = windowOf("asha"); BrowserWindow ravi = windowOf("ravi")) {
            // which node takes it, and which is asked, is nginx' choice: both must have had one of each
            for (int i = 0; i < MOST_UPLOADS
                    && (took.size() < 2 || !wereBothAsked(DOWNLOAD) || !wereBothAsked(SEND)); i++) {
                String batch = upload(asha, "rows" + i + ".csv", 20, i * 1_000L);
                took.add(cluster.query("SELECT node FROM batch WHERE id = '" + batch + "'"));
                assertThat(asha.find(".lead")).containsText("Complete since");
                for (int j = 0; j < 2; j++) { // by either node
                    assertThat(download(asha, "success.csv")).hasSize(19);
                    assertThat(download(asha, "error.csv")).hasSize(3);
                }
                doubtful = false;
                asha.find(".reasons button").first().click();
                confirm(asha, "2 rows sent again, 0 skipped");
                assertThat(asha.find(".lead")).containsText("Complete since");
                assertThat(asha.find(".outcomes .success .figure")).hasText("20");
                doubtful = true;
            }

            assertThat(took).hasSize(2);
            assertThat(wereBothAsked(DOWNLOAD)).as("both asked for results").isTrue();
            assertThat(wereBothAsked(SEND)).as("both asked to send").isTrue();

            String large = upload(asha, "large.csv", 60, 900_000);
            assertThat(asha.find(".lead")).containsText(Pattern.compile("[Uu]nreleased"));
            ravi.go("/?view=releases");
            ravi.press("Release: text 60 customers");
            confirm(ravi, "released by ravi");
            assertThat(asha.find(".lead")).containsText("Complete since");

            String wrong = upload(asha, "wrong.csv", 70, 950_000);
            asha.press("Cancel");
            asha.find("dialog input[name=reason]").fill("wrong file");
            asha.find("dialog button[type=submit]").click();
            assertThat(asha.find("dialog [role=status]")).containsText("70 rows end REJECTED");
            asha.press("Close");
            assertThat(asha.find(".outcomes .rejected .figure")).hasText("70");

            // one node's standing is shown all the time, and it is that node that is paused
            String shown = asha.find(".node").textContent();
            for (int polls = 0; polls < 6; polls++) {
                asha.awaitPolls(1);
                assertThat(asha.find(".node").textContent()).isEqualTo(shown);
            }
            asha.press("Pause the service");
            confirm(asha, "by asha: BOS says it did not send");
            assertThat(cluster.query("SELECT node FROM paused_node")).isEqualTo(shown.strip());
            assertThat(asha.find(".verdict"))
                    .containsText("No call of node " + shown.strip() + " begins, paused since");
            RestService other = shown.strip().equals("one") ? two : one;
            assertThat(other.json("/service/pause", "{\"reason\":\"both\"}", ASHA).json().get("verdict").asText())
                    .startsWith("No call begins, paused since");

            ravi.go("/?view=audit");
            assertThat(ravi.find(".deeds-done tbody")).containsText(large);
            assertThat(ravi.find(".deeds-done tbody")).containsText(wrong);
        }
    }

    private boolean wereBothAsked(String request) {
        return Stream.of(one, two).allMatch(node -> proxy.asked().stream()
                .anyMatch(asked -> asked.matches("127.0.0.1:" + node.port() + " " + request)));
    }

    @Test
    @Order(Integer.MAX_VALUE) // it kills one of them
    void aNodeThatIsAwayIsNamedAndTheRestGoesOn() {
        try (BrowserWindow asha = windowOf("asha").expects("503|502")) {
            String batch = upload(asha, "rows.csv", 20, 970_000);
            assertThat(asha.find(".lead")).containsText("Complete since");
            String holder = cluster.query("SELECT node FROM batch WHERE id = '" + batch + "'");
            (holder.equals("one") ? one : two).process().kill9();

            asha.go("/?view=in-doubt");
            assertThat(asha.find(".lead")).containsText("2 rows");
            doubtful = false;
            asha.find(".chosen button").click();
            asha.find("dialog input[name=reason]").fill("BOS says it did not send");
            asha.find("dialog button[type=submit]").click();
            assertThat(asha.find("dialog [role=status]")).containsText("0 rows sent again, 2 skipped");
            assertThat(asha.find("dialog [role=status]")).containsText("node " + holder + ", which");
            asha.press("Close");
            assertThat(asha.find(".as-of").first()).not().containsText("no news");
            upload(asha, "next.csv", 10, 980_000);
            assertThat(asha.find(".lead")).containsText("Complete since");
        }
    }
}
