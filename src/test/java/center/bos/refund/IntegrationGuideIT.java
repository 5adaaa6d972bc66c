// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.DebianTool;
import center.bos.refund.testkit.MarkdownBlock;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;

/** The examples of docs/integration.md, run as they are printed but for names of hosts, folders and users. */
class IntegrationGuideIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<MarkdownBlock> BLOCKS = MarkdownBlock.of(Path.of("docs/integration.md"));

    @TempDir
    Path folder;
    @TempDir
    static Path services;
    private static BosServer bos;
    private static BrokerProcess broker;
    private static RestService service;

    @BeforeAll
    static void serve() throws IOException {
        bos = BosServer.start();
        Path trigger = Files.writeString(services.resolve("orders.camel.yaml"), BLOCKS.stream()
                .map(MarkdownBlock::text).filter(text -> text.contains("ledger:accept")).findFirst().orElseThrow());
        broker = BrokerProcess.startWithAllProtocols(services.resolve("broker"));
        service = RestService.start(RefundProcess.in(services).archived().against(bos)
                .env("REFUND_BROKER_URL", broker.url())
                .env("REFUND_BROKER_USER", BrokerProcess.USER).env("REFUND_BROKER_PASSWORD", BrokerProcess.PASSWORD)
                .env("REFUND_DUPLICATE_WINDOW", "0")
                .jvmArg("-Dcamel.main.routes-include-pattern=classpath:routes/*.camel.yaml,"
                        + "classpath:routes/triggers/*.camel.yaml,file:" + trigger),
                services);
    }

    @AfterAll
    static void stop() {
        service.close();
        broker.close();
        bos.close();
    }

    @BeforeEach
    void answerSuccess() {
        bos.reply(Reply.success());
    }

    /** The one block of that language that holds that text. */
    private static String block(String language, String text) {
        List<String> found = BLOCKS.stream().filter(block -> block.language().equals(language))
                .map(MarkdownBlock::text).filter(content -> content.contains(text)).toList();
        assertThat(found).as("blocks with " + text).hasSize(1);
        return found.get(0).replace("/opt/refund/data", service.data().toString())
                .replace("http://127.0.0.1:8080", "http://127.0.0.1:" + service.port())
                .replace("tcp://broker:61616", broker.url())
                .replace("amqp://broker:5672", broker.url("amqp")).replace("\"erp\"", '"' + BrokerProcess.USER + '"')
                .replace("\"secret\"", '"' + BrokerProcess.PASSWORD + '"');
    }

    private String shell(String script) throws Exception {
        return run("sh", "-eu", Files.writeString(folder.resolve("example.sh"), script).toString());
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        String said = Files.readString(out) + Files.readString(err);
        assertThat(ended).as(said).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return Files.readString(out);
    }

    private static void assertLikeThePrintedOne(JsonNode answer, String firstField) throws IOException {
        JsonNode printed = JSON.readTree(block("json", "{\"" + firstField + "\":"));
        List<String> names = new ArrayList<>();
        printed.fieldNames().forEachRemaining(names::add);
        assertThat(answer.fieldNames()).toIterable().containsExactlyElementsOf(names);
        assertThat(answer.get("outcome")).isEqualTo(printed.get("outcome"));
    }

    @Test
    void theDropScriptOfAnErp() throws Exception {
        String printed = shell(block("sh", "/inbox/$name.csv.part"));

        assertThat(printed).contains("\"success\" : 2").contains("referenceid,ackno,order");
        assertThat(bos.postsFor("12345678927", "128")).hasSize(1);
    }

    @Test
    void theTriggerOfOnesOwn() throws Exception {
        Path orders = service.data().resolve("orders");
        String order = "{\"order\":\"A-17\",\"customer\":{\"reference\":\"66000000001\",\"ack\":127}}";
        Files.writeString(orders.resolve("a.json"), order);
        await().atMost(SOON).until(() -> Files.exists(orders.resolve(".done/a.json")));
        Files.writeString(orders.resolve("again.json"), order);
        Files.writeString(orders.resolve("other.json"), order.replace("127", "128"));
        Files.writeString(orders.resolve("wrong.json"), order.replace("66000000001", "66,1"));

        await().atMost(SOON).until(() -> Files.exists(orders.resolve(".done/again.json"))
                && Files.exists(orders.resolve(".failed/other.json"))
                && Files.exists(orders.resolve(".failed/wrong.json")));
        assertThat(service.process().output()).contains("other.json is put into orders/.failed: IdInUse",
                "wrong.json is put into orders/.failed: PredicateValidationException").doesNotContain("\tat ");
        await().atMost(SOON).until(() -> service.get("/refunds?referenceid=66000000001").http().body()
                .contains("SUCCESS"));
        assertThat(bos.posts()).filteredOn(post -> post.referenceid().equals("66000000001")).hasSize(1);
    }

    @Test
    void theSingleRefundOverRest() throws Exception {
        String example = block("sh", "Idempotency-Key");

        assertLikeThePrintedOne(JSON.readTree(shell(example)), "id");
        int posts = bos.postsFor("12345678926", "127").size();
        shell(example);
        assertThat(bos.postsFor("12345678926", "127")).hasSize(posts);
    }

    @Test
    void theBatchesOverRest() throws Exception {
        String printed = shell(block("sh", "@examples/refunds.csv"));

        assertThat(printed).contains("SUCCESS").contains("\"batches\":[").contains("\"state\":\"complete\"");
        await().atMost(SOON).until(() -> bos.postsFor("12345678928", "129").size() == 1);
    }

    @Test
    void thePersonsWordOverRest() throws Exception {
        bos.reply(Reply.closeWithoutAnswer());
        String batch = service.post("/batches", "text/csv", "referenceid,ackno\n771,1\n772,1\n").header("Location");
        await().atMost(SOON)
                .until(() -> service.get(batch).json().get("state").asText().equals("complete"));
        bos.reply(Reply.success());

        String printed = shell(block("sh", "/resend").replace("/batches/refunds-1a2b3c4d", batch));

        assertThat(printed).contains("\"outcome\":\"SUCCESS\"");
        await().atMost(SOON).until(() -> service.get(batch).json().get("success").asLong() == 2);
        assertThat(bos.postsFor("772", "1")).hasSize(2);
    }

    @Test
    void theProblemOverRest() {
        String printed = block("json", "about:blank");
        assertThat(service.json("/refunds?x=1", "{\"referenceid\":\"abc\",\"ackno\":\"1\"}").http().body())
                .isEqualTo(printed.strip());
    }

    @Test
    void theJmsClient() throws Exception {
        Path client = Files.writeString(folder.resolve("Refund.java"), block("java", "public class Refund"));

        String printed = run(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), client.toString());

        assertLikeThePrintedOne(JSON.readTree(printed.lines().filter(line -> line.startsWith("{")).findFirst()
                .orElseThrow()), "batch");
    }

    @Test
    void theAmqpClient() throws Exception {
        DebianTool.library("python3-qpid-proton", "dist-packages/proton/__init__.py");
        Path client = Files.writeString(folder.resolve("refund.py"), block("python", "BlockingConnection"));

        assertLikeThePrintedOne(JSON.readTree(run("/usr/bin/python3", client.toString())), "batch");
    }
}
