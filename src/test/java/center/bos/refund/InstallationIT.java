// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.sun.net.httpserver.HttpServer;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DebianTool;
import center.bos.refund.testkit.KafkaProcess;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;

/** The release that the build leaves: unpacked, it works without a build, by the settings and routes that lie in it. */
class InstallationIT {
    private static final Path TARGET = Paths.get(System.getProperty("user.dir"), "target");
    private static final int DONE = 0;
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    static Path unpacked;

    @TempDir
    Path folder;
    private Path home;

    @BeforeAll
    static void unpack() throws Exception {
        Path release = only(TARGET, "bos-refund-[^/]*\\.tar\\.gz");
        assertThat(run(TARGET, unpacked, Map.of(), "sha256sum", "--check", "SHA256SUMS")).isEqualTo(DONE);
        assertThat(run(unpacked, unpacked, Map.of(), "tar", "xzf", release.toString())).isEqualTo(DONE);
    }

    @BeforeEach
    void install() throws Exception {
        Path fresh = only(unpacked, "bos-refund-.*");
        assertThat(run(folder, Map.of(), "cp", "-a", fresh.toString(), ".")).isEqualTo(DONE);
        home = folder.resolve(fresh.getFileName());
    }

    @Test
    void theArchivesHoldTheSameAndWhatAnInstallationNeeds() throws IOException {
        List<String> zipped = new ArrayList<>();
        try (ZipFile zip = new ZipFile(only(TARGET, "bos-refund-[^/]*\\.zip").toFile())) {
            zip.stream().filter(entry -> !entry.isDirectory()).forEach(entry -> zipped.add(entry.getName()));
        }
        try (Stream<Path> files = Files.walk(home).filter(Files::isRegularFile)) {
            assertThat(files.map(file -> folder.relativize(file).toString()))
                    .containsExactlyInAnyOrderElementsOf(zipped);
        }
        for (String file : List.of("refund", "refund.cmd", "application.properties", "LICENSE", "CHANGELOG.md",
                "docs/operations.md", "routes/token.camel.yaml", "routes/triggers/file.camel.yaml",
                "examples/refunds.csv", "deploy/systemd/bos-refund.service")) {
            assertThat(home.resolve(file)).isRegularFile();
        }
        assertThat(Files.readString(home.resolve("refund.cmd"))).contains("NOT run on Windows");
        try (Stream<Path> files = Files.walk(home)) {
            for (Path document : files.filter(file -> file.toString().endsWith(".md")).toList()) {
                DocumentsTest.linked(document).forEach(target -> assertThat(target).exists());
            }
        }
    }

    @Test
    void theDemoRunsAndLeavesItsDataWhereItWasCalled() throws Exception {
        Path here = Files.createDirectories(folder.resolve("a folder"));

        assertThat(refund(here, Map.of("REFUND_DATA", "d%41ta"), "demo")).isEqualTo(DONE);
        Path data = here.resolve("d%41ta");
        assertThat(Results.finished(data.resolve("outbox"), "refunds").get(0).summary().success()).isEqualTo(55);
        assertThat(data.resolve("channels/success.jsonl")).isNotEmptyFile();
    }

    /** Such as that of a checkout that was copied: what a script reads must hold nothing else. */
    @Test
    void anArchiveOfClassesThatDoesNotFitIsLeftAloneWithoutAWord() throws Exception {
        Path archive = RefundProcess.archive("send").orElseThrow();
        Files.copy(archive, home.resolve("app").resolve(archive.getFileName()));

        assertThat(refund(folder, Map.of(), "--version")).isEqualTo(DONE);
        assertThat(printed()).isEqualTo("refund 1.0\n");
    }

    @Test
    void aPathInWhichCamelFindsNoRoutesIsNamed() throws Exception {
        home = Files.move(home, home.resolveSibling("bos-refund-1.0.0+7"));

        assertThat(refund(folder, Map.of(), "demo")).isEqualTo(2);
        assertThat(printed()).isEqualTo("refund: Camel reads no routes in " + home.toRealPath()
                + ": move it to a path without + % , and {{\n");
    }

    @Test
    void settingsAndRoutesThatLieInItCountWithoutABuild() throws Exception {
        Path input = CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        append("application.properties", "refund.channel.success=file:outcomes?fileName=all.jsonl&fileExist=Append\n");
        replace("routes/token.camel.yaml", "- process: {id: token-cached, ref: tokenCache}",
                "- setBody: {expression: {constant: {expression: a-scheme-of-ones-own}}}");
        replace("routes/outcome.camel.yaml", "            when:\n", """
                            when:
                              - description: Refunded already is as good
                                expression: {simple: {expression: "${variable.code} == '2'"}}
                                steps:
                                  - setVariable: {name: verdict, expression: {constant: {expression: SUCCESS}}}
                """);
        replace("routes/refund.camel.yaml", "        - to: {id: refund-settle",
                "        - to: {uri: 'file:steps?fileName=seen.txt&fileExist=Append&allowNullBody=true'}\n        - to: {id: refund-settle");
        try (BosServer bos = BosServer.start()) {
            bos.tokens().accept("a-scheme-of-ones-own");
            bos.reply(Reply.code(200, 2));
            Map<String, String> settings = Map.of("BOS_BASE_URL", bos.baseUrl(), "BOS_TOKEN_VALUE", "not this one");

            assertThat(refund(folder, settings, "send", input.toString())).as(this::printed).isEqualTo(DONE);

            assertThat(bos.postCount()).isEqualTo(3);
            assertThat(bos.posts()).allSatisfy(
                    post -> assertThat(post.header("Authorization")).contains("Bearer a-scheme-of-ones-own"));
        }
        assertThat(Results.finished(folder.resolve("data/outbox"), "rows").get(0).summary().success()).isEqualTo(3);
        assertThat(folder.resolve("steps/seen.txt")).isRegularFile();
        assertThat(Files.readAllLines(folder.resolve("outcomes/all.jsonl"))).isNotEmpty();
    }

    @Test
    void aRouteThatAlwaysFailsPutsFewRowsInDoubt() throws Exception {
        Path input = CsvFiles.rows(500).writeTo(folder.resolve("rows.csv"));
        replace("routes/refund.camel.yaml", "        - to: {id: refund-settle",
                "        - throwException: {exceptionType: java.lang.IllegalStateException, message: broken}\n"
                        + "        - to: {id: refund-settle");
        try (BosServer bos = BosServer.start()) {
            sendUntilItPrints("paused, a route failed: see the log", bos, input);

            assertThat(bos.postCount()).as(this::printed).isBetween(1L, 40L);
            assertThat(printed()).contains("code 1: a route failed after the call");
        }
    }

    @Test
    void aFlowThatCallsNoRowIsRefusedAndNoEmptyTokenIsSent() throws Exception {
        Path input = CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        try (BosServer bos = BosServer.start()) {
            replace("routes/token.camel.yaml", "- process: {id: token-cached, ref: tokenCache}",
                    "- setBody: {expression: {constant: {expression: \"\"}}}");
            sendUntilItPrints("no token: direct:token left an empty body", bos, input);

            replace("routes/refund.camel.yaml", "uri: direct:token,", "uri: direct:tokn,");
            assertThat(refund(folder, against(bos), "send", input.toString())).isEqualTo(2);
            assertThat(printed()).contains("leads to direct:tokn, and no route begins there");

            replace("routes/refund.camel.yaml", "- route:", "route:");
            assertThat(refund(folder, against(bos), "send", input.toString())).isEqualTo(2);
            assertThat(printed()).contains("routes/refund.camel.yaml is no list, so none of its routes would exist");
            assertThat(bos.postCount()).isZero();
        }
    }

    @Test
    void itsRoutesCountWhereItsFolderIsTheCurrentOneToo() throws Exception {
        Path input = CsvFiles.rows(1).writeTo(folder.resolve("rows.csv"));
        replace("routes/token.camel.yaml", "- process: {id: token-cached, ref: tokenCache}",
                "- setBody: {expression: {constant: {expression: a-scheme-of-ones-own}}}");
        try (BosServer bos = BosServer.start()) {
            bos.tokens().accept("a-scheme-of-ones-own");
            Map<String, String> settings = Map.of("BOS_BASE_URL", bos.baseUrl(), "BOS_TOKEN_VALUE", "not this one");

            // a name that is not ASCII, in a locale that is not installed
            assertThat(run(home, settings, "sh", "-c", "name=$(printf 'zeilen-\\303\\274.csv'); cp " + input
                    + " \"$name\"; LC_ALL=en_ZZ.UTF-8 ./refund send \"$name\"")).as(this::printed).isEqualTo(DONE);

            assertThat(bos.posts()).singleElement().satisfies(
                    post -> assertThat(post.header("Authorization")).contains("Bearer a-scheme-of-ones-own"));
        }
    }

    @Test
    void anotherChannelIsAnHttpEndpointOfTheErp() throws Exception {
        Path input = CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        List<String> heard = new CopyOnWriteArrayList<>();
        HttpServer erp = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        erp.createContext("/refunds", exchange -> {
            heard.add(exchange.getRequestMethod() + new String(exchange.getRequestBody().readAllBytes(),
                    StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        erp.start();
        append("application.properties", "refund.channel.success=http://127.0.0.1:" + erp.getAddress().getPort()
                + "/refunds?httpMethod=POST\n");
        try (BosServer bos = BosServer.start()) {
            assertThat(refund(folder, against(bos), "send", input.toString())).as(this::printed).isEqualTo(DONE);
        } finally {
            erp.stop(0);
        }
        assertThat(heard).hasSize(3).allSatisfy(
                message -> assertThat(message).startsWith("POST{").contains("\"outcome\":\"SUCCESS\""));
    }

    @Test
    void anotherChannelIsKafkaOnceItsComponentsJarsAreDroppedIn() throws Exception {
        Path input = CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        Path lib = Files.createDirectories(home.resolve("lib"));
        try (Stream<Path> jars = Files.list(KafkaProcess.component())) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        assertThat(Files.readString(home.resolve("docs/integration.md"))).contains(
                Arrays.stream(lib.toFile().list()).map(jar -> "/" + jar.replaceFirst("\\.jar$", "")).toList());
        try (BosServer bos = BosServer.start(); KafkaProcess kafka = KafkaProcess.start(folder.resolve("kafka"))) {
            append("application.properties",
                    "refund.channel.success=kafka:refunds.done?brokers=" + kafka.address() + "\n");

            assertThat(refund(folder, against(bos), "send", input.toString())).as(this::printed).isEqualTo(DONE);

            assertThat(bos.postCount()).isEqualTo(3);
            await().atMost(SOON).untilAsserted(
                    () -> assertThat(kafka.written("refunds.done").split("\"outcome\":\"SUCCESS\"", -1)).hasSize(4));
        }
    }

    private static Map<String, String> against(BosServer bos) {
        bos.tokens().accept("a-token");
        return Map.of("BOS_BASE_URL", bos.baseUrl(), "BOS_TOKEN_VALUE", "a-token");
    }

    @Test
    void anOptionThatJavaDoesNotTakeIsBadUsageAndNoRowThatEndedOtherwise() throws Exception {
        Path input = CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        try (BosServer bos = BosServer.start()) {
            Map<String, String> environment = new HashMap<>(against(bos));
            environment.put("JAVA_OPTS", "-Xmx1z");
            assertThat(refund(folder, environment, "send", input.toString())).as(this::printed).isEqualTo(2);
            assertThat(printed()).contains("JAVA_OPTS", "-Xmx1z");
        }
    }

    @Test
    void systemdTakesTheUnit() throws Exception {
        Path tool = DebianTool.find("systemd-analyze");
        Path unit = folder.resolve("bos-refund.service");
        Files.writeString(unit, Files.readString(home.resolve("deploy/systemd/bos-refund.service"))
                .replace("/opt/bos-refund", home.toString()));

        assertThat(run(folder, Map.of(), tool.toString(), "verify", unit.toString())).as(this::printed).isEqualTo(DONE);
    }

    private int refund(Path here, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(home.resolve("refund").toString()));
        command.addAll(List.of(arguments));
        return run(here, environment, command.toArray(String[]::new));
    }

    private int run(Path here, Map<String, String> environment, String... command) throws Exception {
        return run(here, folder, environment, command);
    }

    private void sendUntilItPrints(String text, BosServer bos, Path input) throws Exception {
        Process send = start(folder, folder, against(bos), home.resolve("refund").toString(), "send",
                input.toString());
        try {
            await().atMost(SOON).until(() -> printed().contains(text));
        } finally {
            send.destroy();
            assertThat(send.waitFor(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    private static int run(Path here, Path log, Map<String, String> environment, String... command) throws Exception {
        Process process = start(here, log, environment, command);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    private static Process start(Path here, Path log, Map<String, String> environment, String... command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(here.toFile()).redirectErrorStream(true)
                .redirectOutput(log.resolve("printed.txt").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String printed() {
        try {
            return Files.readString(folder.resolve("printed.txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void append(String file, String text) throws IOException {
        Files.writeString(home.resolve(file), Files.readString(home.resolve(file)) + "\n" + text);
    }

    private void replace(String file, String before, String after) throws IOException {
        String text = Files.readString(home.resolve(file));
        assertThat(text).contains(before);
        Files.writeString(home.resolve(file), text.replace(before, after));
    }

    private static Path only(Path folder, String name) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(file -> file.getFileName().toString().matches(name)).toList();
            assertThat(found).hasSize(1);
            return found.get(0);
        }
    }
}
