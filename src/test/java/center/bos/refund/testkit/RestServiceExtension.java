// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

import org.apache.camel.util.FileUtil;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Gives a test a {@link BosServer} and a {@link RestService} that calls it, on a folder of their own; fields of these two types
 * are set. In a static field they are there for all tests of the class, in any other for each test anew.
 */
public final class RestServiceExtension
        implements
            BeforeAllCallback,
            BeforeEachCallback,
            AfterEachCallback,
            AfterAllCallback {
    private static final Duration SOON = Duration.ofSeconds(120);

    private final UnaryOperator<RefundProcess.Launch> settings;
    private boolean ofClass;
    private Path folder;
    private BosServer bos;
    private RestService rest;
    private int postsBefore;

    private RestServiceExtension(UnaryOperator<RefundProcess.Launch> settings) {
        this.settings = settings;
    }

    /** A service with these settings, which these people may call; without people whoever is on this machine. */
    public static RestServiceExtension with(UnaryOperator<RefundProcess.Launch> settings, Login... people) {
        return new RestServiceExtension(launch -> {
            for (Login person : people) {
                person.allow(launch);
            }
            return settings.apply(launch);
        });
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        ofClass = true;
        open();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        if (!ofClass) {
            open();
        }
        Object test = context.getRequiredTestInstance();
        set(test, BosServer.class, bos);
        set(test, RestService.class, rest);
        bos.reply(Reply.success());
        postsBefore = bos.posts().size();
    }

    private static <T> void set(Object test, Class<T> type, T value) {
        for (Field field : ReflectionSupport.findFields(test.getClass(), field -> field.getType() == type,
                HierarchyTraversalMode.TOP_DOWN)) {
            try {
                field.setAccessible(true);
                field.set(test, value);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (!ofClass) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    private void open() throws IOException {
        folder = Files.createTempDirectory("service-");
        bos = BosServer.start();
        start(UnaryOperator.identity());
    }

    private void close() {
        if (rest != null) {
            rest.close();
        }
        bos.close();
        FileUtil.removeDir(folder.toFile());
    }

    /** The folder that the service and its commands run in. */
    public Path folder() {
        return folder;
    }

    /** The POSTs of this test so far. */
    public List<Post> posts() {
        List<Post> all = bos.posts();
        return all.subList(postsBefore, all.size());
    }

    /** A command in that folder, to be started. */
    public RefundProcess.Launch command() {
        return RefundProcess.in(folder).archived().against(bos);
    }

    /** Kills the service, if it still runs, and starts it again. */
    public RestService restart() {
        return restart(UnaryOperator.identity());
    }

    /** The same, with more settings. */
    public RestService restart(UnaryOperator<RefundProcess.Launch> more) {
        rest.close();
        return start(more);
    }

    private RestService start(UnaryOperator<RefundProcess.Launch> more) {
        rest = RestService.start(more.apply(settings.apply(command())), folder);
        return rest;
    }

    /** Runs a command to its end beside the service, and returns what it wrote. */
    public String run(int code, String... words) {
        try (RefundProcess process = command().start(words)) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(code);
            return process.output();
        }
    }

    /** Waits until the batch of that path is complete, asked for with these headers. */
    public JsonNode complete(String batch, String... headers) {
        return Awaitility.await(batch + " complete").atMost(SOON).until(() -> rest.get(batch, headers).json(),
                found -> found.path("state").asText().equals("complete"));
    }
}
