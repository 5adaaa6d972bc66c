// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.enterprise.inject.spi.CDI;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.quarkus.core.CamelRuntime;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.eclipse.microprofile.config.ConfigProvider;

import center.bos.refund.bos.Connections;
import center.bos.refund.jms.BrokerWatch;
import center.bos.refund.throttle.Throttle;
import center.bos.refund.token.ClientCredentials;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import sun.misc.Signal;

/** One run of the application for one command. */
public final class Session implements QuarkusApplication {
    /** The job of this process; there is one command a process. */
    private static final AtomicReference<Callable<Integer>> JOB = new AtomicReference<>();
    /** The job's exit code, if it ended; a signal ends Quarkus with a code of its own. */
    private static final AtomicReference<Integer> JOB_CODE = new AtomicReference<>();
    /** Why the job could not be done, or the application not start. */
    private static final AtomicReference<Throwable> FAILURE = new AtomicReference<>();
    /** A key at the beginning of a line, as only a file has whose root is a map; Camel reads such a file only as a resource of Kubernetes. */
    private static final Pattern NO_LIST = Pattern.compile("(?m)^(?!(apiVersion|kind|metadata|spec):)[\\w-]+:");
    private static volatile boolean stopping;
    /** HUP comes from a terminal that closes; a process under nohup ignores it. */
    private static final List<String> STOPS = List.of("TERM", "INT", "HUP");

    /** Runs a job that only reads and makes no folder; a signal ends the process at once. */
    static int read(Callable<Integer> job) {
        return run(reading(), job, () -> Runtime.getRuntime().halt(ExitCode.NOT_FINISHED));
    }

    /** Settings of a one-shot command: no port, logs to a file in the data folder, which is made if need be. */
    static Map<String, String> oneShot() {
        if (!Files.isDirectory(data())) { // it may be a link to one
            data().toFile().mkdirs(); // whoever needs the folder says why it cannot be made
        }
        return reading();
    }

    private static Map<String, String> reading() {
        return Map.of("quarkus.http.host-enabled", "false", "quarkus.management.host-enabled", "false",
                "quarkus.log.console.enabled", "false",
                "quarkus.log.file.enabled", Boolean.toString(canLogTo(data().resolve("refund.log"))),
                "camel.main.routes-exclude-pattern", "**/triggers/**");
    }

    private static Path data() {
        return ConfigProvider.getConfig().getValue("refund.data", Path.class);
    }

    /** If not, the log manager would complain on the terminal. */
    private static boolean canLogTo(Path file) {
        return Files.exists(file)
                ? Files.isRegularFile(file) && Files.isWritable(file)
                : Files.isWritable(file.toAbsolutePath().getParent());
    }

    /** Starts the application with these settings on top of the configured ones, runs the job and stops it. */
    static int run(Map<String, String> settings, Callable<Integer> job) {
        return run(settings, job, Session::stop);
    }

    private static int run(Map<String, String> settings, Callable<Integer> job, Runnable stop) {
        settings.forEach(System::setProperty);
        JOB.set(job);
        AtomicInteger exitCode = new AtomicInteger(ExitCode.USAGE);
        JOB_CODE.set(null);
        FAILURE.set(null);
        STOPS.forEach(name -> Signal.handle(new Signal(name), signal -> stop.run()));
        Quarkus.run(Session.class, (code, cause) -> {
            exitCode.set(code);
            FAILURE.compareAndSet(null, cause);
        });
        if (FAILURE.get() != null) {
            System.err.println("refund: " + Failures.text(FAILURE.get()));
            return Failures.mayPass(FAILURE.get()) ? ExitCode.NOT_FINISHED : ExitCode.USAGE;
        }
        return JOB_CODE.get() == null ? exitCode.get() : JOB_CODE.get();
    }

    private static void stop() {
        stopping = true;
        Quarkus.asyncExit(0);
    }

    /** Returns once the process is asked to stop, also if that was during the start, when Quarkus does not wait yet. */
    static void awaitStop() {
        if (!stopping) {
            Quarkus.waitForExit();
        }
    }

    static boolean isStopping() {
        return stopping;
    }

    /**
     * Starts the routes; refuses a flow that would never call a row, and one that would fail for each row, because Camel looks for the
     * route behind {@code direct:} only when it is called.
     */
    static void startFlow() throws Exception {
        CamelContext camel = bean(CamelContext.class);
        refuseIgnoredFiles(camel);
        bean(CamelRuntime.class).start(new String[0]);
        Set<Endpoint> begun = camel.getRoutes().stream().map(Route::getEndpoint).collect(Collectors.toSet());
        if (begun.stream().noneMatch(endpoint -> endpoint.getEndpointUri().equals("ledger://due"))) {
            throw new IllegalStateException("refund.camel.yaml in routes/ has no route from ledger:due, so no row would"
                    + " be called");
        }
        camel.getEndpoints().stream()
                .filter(endpoint -> endpoint instanceof DirectEndpoint && !begun.contains(endpoint))
                .findFirst().ifPresent(endpoint -> {
                    throw new IllegalStateException("a route in routes/ leads to " + endpoint.getEndpointBaseUri()
                            .replace("://", ":") + ", and no route begins there: correct the name");
                });
        bean(BrokerWatch.class).begin();
    }

    /** Camel ignores a file whose root is no list. */
    private static void refuseIgnoredFiles(CamelContext camel) throws Exception {
        for (String pattern : ConfigProvider.getConfig().getValue("camel.main.routes-include-pattern",
                String[].class)) {
            for (Resource file : PluginHelper.getPackageScanResourceResolver(camel).findResources(pattern)) {
                try (InputStream text = file.getInputStream()) {
                    if (NO_LIST.matcher(new String(text.readAllBytes(), StandardCharsets.UTF_8)).find()) {
                        throw new IllegalStateException(file.getLocation()
                                + " is no list, so none of its routes would exist: each begins with '- route:'");
                    }
                }
            }
        }
    }

    static <T> T bean(Class<T> type) {
        return CDI.current().select(type).get();
    }

    @Override
    public int run(String... args) throws Exception {
        try {
            bean(Connections.class).check();
            bean(ClientCredentials.class).check();
            int code = JOB.get().call();
            JOB_CODE.set(code);
            return code;
        } catch (Exception e) {
            if (Failures.mistake(e).isEmpty()) {
                throw e; // which Quarkus logs with its stack
            }
            FAILURE.set(e);
            return ExitCode.USAGE;
        } finally {
            bean(Throttle.class).close();
        }
    }
}
