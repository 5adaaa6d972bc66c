// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;

/**
 * Kills real processes of the packaged application, at named points and at random times, and holds what the server saw
 * against the results. Two in three kills hit a service, whose next start goes on with the batch and takes the next
 * file, and which takes single refunds at the same time; the others hit a {@code send}, which is run again.
 */
final class KillRun {
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final int KILLED = 128 + 9;
    private static final int SEND_EVERY = 3;
    private static final int RANDOM_MILLIS_AT_START = 4_000;
    private static final int RANDOM_MILLIS_AT_WORK = 5_000;

    private final CrashSite site;
    private final Random random;
    private final Figures figures;
    private final Kills kills;
    /** Where the process came through without coming by. */
    private final Deque<Kill> missed = new ArrayDeque<>();
    private final List<Kill> pending = new ArrayList<>();
    /** Kills since the last check, those too that came when the process was through. */
    private int killings;
    private Path open;

    private KillRun(CrashSite site, Kills kills, Random random, Figures figures) {
        this.site = site;
        this.kills = kills;
        this.random = random;
        this.figures = figures;
    }

    /** Does kills in that folder until there are no more, and adds what it finds to the figures. */
    static void of(Path folder, Kills kills, Random random, Figures figures) throws Exception {
        try (CrashSite site = new CrashSite(folder)) {
            new KillRun(site, kills, random, figures).run();
        }
    }

    private void run() throws Exception {
        int i = 0;
        for (Optional<Kill> next = next(); next.isPresent(); next = next()) {
            Kill kill = next.get();
            try {
                if (i++ % SEND_EVERY == 1 && !kill.ofService()) {
                    send(kill);
                } else {
                    serve(kill);
                }
            } catch (Exception | AssertionError e) {
                throw new AssertionError(kill.place() + ", in " + site.folder(), e);
            }
            System.out.printf("%tT %d to go, after: %s%n", System.currentTimeMillis(), kills.left(), kill.place());
        }
        site.disarm();
        try (RestService last = RestService.launch(site.process(), site.folder())) {
            finish(last);
            open = site.nextFile();
            site.drop(open);
            finish(last);
            last.process().terminate();
            if (last.process().waitFor(CrashSite.LONG) != 0) {
                throw new AssertionError("the service did not end well: " + last.process().output());
            }
        }
        figures.say(site.figures());
    }

    private Optional<Kill> next() {
        return missed.isEmpty() ? kills.next() : Optional.of(missed.remove());
    }

    /** Kills a service; what it leaves is finished by the next. */
    private void serve(Kill kill) throws Exception {
        if (kill.atStart()) {
            if (open == null) {
                serve(Kill.AT_RANDOM); // so that there is something to go on with
            }
            site.arm();
        } else {
            site.disarm();
        }
        boolean whileStarting = kill.point() == null && open != null && random.nextInt(3) == 0;
        try (RestService service = RestService.launch(launch(kill), site.folder())) {
            if (whileStarting) {
                killWithin(service.process(), RANDOM_MILLIS_AT_START);
            } else if (!kill.atStart()) {
                finish(service);
                open = site.nextFile();
                site.arm();
                site.drop(open);
                await().atMost(CrashSite.LONG).pollInterval(Duration.ofMillis(10))
                        .until(() -> site.isClaimed(open) || !service.process().isAlive());
                site.singles().begin(service);
                if (kill.point() == null) {
                    killWithin(service.process(), RANDOM_MILLIS_AT_WORK);
                }
            }
            awaitKill(service.process(), kill);
        } finally {
            site.singles().stop();
        }
    }

    /** Kills a command and runs it again. */
    private void send(Kill kill) throws Exception {
        site.disarm();
        if (open != null) {
            try (RestService before = RestService.launch(site.process(), site.folder())) {
                finish(before);
                before.process().terminate();
                before.process().waitFor(CrashSite.LONG);
            }
        }
        open = site.nextFile();
        site.arm();
        try (RefundProcess process = launch(kill).start("send", open.toString())) {
            if (kill.point() == null) {
                killWithin(process, RANDOM_MILLIS_AT_START + RANDOM_MILLIS_AT_WORK);
            }
            awaitKill(process, kill);
        }
        site.disarm();
        try (RefundProcess again = site.process().start("send", open.toString())) {
            int code = again.waitFor(CrashSite.LONG);
            if (!site.awaitResults(open, again) || code != (site.isAllSuccess(open) ? 0 : 1)) {
                throw new AssertionError("ended with " + code + "; the process wrote: " + again.output());
            }
        }
        checkOpen();
    }

    private RefundProcess.Launch launch(Kill kill) throws IOException {
        return kill.point() == null
                ? site.process()
                : KillAgent.at(kill.point(), kill.time(random), site.folder(), site.process());
    }

    private void killWithin(RefundProcess process, int millis) throws InterruptedException {
        // the point of a random kill is that nothing tells when it comes
        TimeUnit.MILLISECONDS.sleep(random.nextInt(millis));
        process.kill9();
    }

    /** Waits for the kill; where the process got through without coming by the point that often, it is tried again. */
    private void awaitKill(RefundProcess process, Kill kill) {
        Instant[] results = new Instant[1];
        await().atMost(CrashSite.LONG).pollInterval(Duration.ofMillis(20)).until(() -> {
            if (results[0] == null && !kill.atStart() && site.hasResults(open)) {
                results[0] = Instant.now();
            }
            return !process.isAlive() || results[0] != null && results[0].plus(GRACE).isBefore(Instant.now());
        });
        boolean through = process.isAlive();
        process.kill9();
        killings++;
        int code = process.waitFor(CrashSite.LONG);
        boolean gotThrough = code == 0 || code == 1 && site.hasResults(open) && !site.isAllSuccess(open); // 1: a command's
        if (through || gotThrough) {
            if (kill.firstTime()) {
                throw new AssertionError("the process never comes by: " + process.output());
            }
            missed.add(kill.atFirst());
        } else if (code == KILLED) {
            pending.add(kill);
        } else {
            throw new AssertionError("ended by itself with " + code + ": " + process.output());
        }
    }

    private void finish(RestService service) throws Exception {
        if (open == null) {
            return;
        }
        RefundProcess process = service.process();
        if (!site.awaitResults(open, process)) {
            throw new AssertionError("no results; the process wrote: " + process.output());
        }
        await("serving").atMost(CrashSite.LONG).until(() -> process.output().contains("Watching "));
        site.singles().repeat(service);
        site.awaitSettled(process);
        checkOpen();
    }

    private void checkOpen() throws Exception {
        long inDoubt = site.check(open, killings);
        figures.batch(pending.stream().map(Kill::place).toList(), inDoubt);
        pending.clear();
        killings = 0;
        Files.delete(open);
        open = null;
    }
}
