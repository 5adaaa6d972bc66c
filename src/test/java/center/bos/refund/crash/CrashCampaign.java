package center.bos.refund.crash;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

import center.bos.refund.testkit.RefundProcess;

/**
 * Kills real processes of the packaged application, at named points and at random times, and holds what the server saw
 * against the results. Two in three kills hit a service, whose next start goes on with the batch and takes the next
 * file; the others hit a {@code send}, which is run again.
 */
public final class CrashCampaign {
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final int KILLED = 128 + 9;
    private static final int SEND_EVERY = 3;
    private static final int RANDOM_MILLIS_AT_START = 4_000;
    private static final int RANDOM_MILLIS_AT_WORK = 5_000;

    private final CrashSite site;
    private final Random random;
    private final Figures figures;
    private final Deque<Kill> kills;
    private final List<Kill> pending = new ArrayList<>();
    private Path open;

    /** Where or, without a point, at a random time. */
    private record Kill(KillPoint point, boolean firstTime) {
        static final Kill AT_RANDOM = new Kill(null, false);

        String place() {
            return point == null ? Figures.RANDOM_TIME : point.description();
        }

        boolean atStart() {
            return point != null && point.atStart();
        }

        boolean atService() {
            return point != null && point.atService();
        }

        int time(RandomGenerator random) {
            return firstTime ? 1 : point.anyTime(random);
        }
    }

    private CrashCampaign(CrashSite site, List<Kill> kills, Random random, Figures figures) {
        this.site = site;
        this.kills = new ArrayDeque<>(kills);
        this.random = random;
        this.figures = figures;
    }

    /** {@code FOLDER NAMED RANDOM SEED}: kills that often at named points and at random times, and prints the figures. */
    public static void main(String... args) throws Exception {
        Figures figures = new Figures();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println(figures.table())));
        run(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]), Long.parseLong(args[3]), figures);
    }

    static void run(Path folder, int named, int atRandom, long seed, Figures figures) throws Exception {
        Random random = new Random(seed);
        List<Kill> kills = new ArrayList<>();
        for (int i = 0; i < named; i++) {
            kills.add(new Kill(KillPoint.values()[i % KillPoint.values().length], false));
        }
        kills.addAll(Collections.nCopies(atRandom, Kill.AT_RANDOM));
        Collections.shuffle(kills, random);
        try (CrashSite site = new CrashSite(folder)) {
            new CrashCampaign(site, kills, random, figures).run();
        }
    }

    private void run() throws Exception {
        for (int i = 0; !kills.isEmpty(); i++) {
            Kill kill = kills.removeFirst();
            try {
                if (i % SEND_EVERY == 1 && !kill.atStart() && !kill.atService()) {
                    send(kill);
                } else {
                    serve(kill);
                }
            } catch (Exception | AssertionError e) {
                throw new AssertionError(kill.place() + ", in " + site.folder(), e);
            }
            System.out.printf("%tT %d to go, after: %s%n", System.currentTimeMillis(), kills.size(), kill.place());
        }
        site.disarm();
        try (RefundProcess last = site.process().start("serve")) {
            finish(last);
            open = site.nextFile();
            site.drop(open);
            finish(last);
            last.terminate();
            if (last.waitFor(CrashSite.LONG) != 0) {
                throw new AssertionError("the service did not end well: " + last.output());
            }
        }
        site.checkChannels();
        System.out.printf("%d callers of single refunds were told what the ledger holds%n", site.checkCallers());
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
        try (RefundProcess process = launch(kill).start("serve")) {
            if (whileStarting) {
                killWithin(process, RANDOM_MILLIS_AT_START);
            } else if (!kill.atStart()) {
                finish(process);
                open = site.nextFile();
                site.arm();
                site.drop(open);
                site.callersOf(process);
                if (kill.point() == null) {
                    killWithin(process, RANDOM_MILLIS_AT_WORK);
                }
            }
            awaitKill(process, kill);
        }
    }

    /** Kills a command and runs it again. */
    private void send(Kill kill) throws Exception {
        site.disarm();
        if (open != null) {
            try (RefundProcess before = site.process().start("serve")) {
                finish(before);
                before.terminate();
                before.waitFor(CrashSite.LONG);
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
            again.waitFor(CrashSite.LONG);
            if (!site.awaitResults(open, again)) {
                throw new AssertionError("no results; the process wrote: " + again.output());
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
        Instant[] through = new Instant[1];
        await().atMost(CrashSite.LONG).pollInterval(Duration.ofMillis(20)).until(() -> {
            if (through[0] == null && !kill.atStart() && site.hasResults(open)) {
                through[0] = Instant.now();
            }
            return !process.isAlive() || through[0] != null && through[0].plus(GRACE).isBefore(Instant.now());
        });
        boolean missed = process.isAlive();
        process.kill9();
        int code = process.waitFor(CrashSite.LONG);
        if (missed || code == 0) {
            if (kill.firstTime()) {
                throw new AssertionError("the process never comes by: " + process.output());
            }
            kills.addFirst(new Kill(kill.point(), true));
        } else if (code == KILLED) {
            pending.add(kill);
        } else {
            throw new AssertionError("ended by itself with " + code + ": " + process.output());
        }
    }

    private void finish(RefundProcess process) throws Exception {
        if (open == null) {
            return;
        }
        if (!site.awaitResults(open, process)) {
            throw new AssertionError("no results; the process wrote: " + process.output());
        }
        checkOpen();
    }

    private void checkOpen() throws Exception {
        long inDoubt = site.check(open, pending.size());
        site.checkLedger();
        figures.batch(pending.stream().map(Kill::place).toList(), inDoubt);
        pending.clear();
        Files.delete(open);
        open = null;
    }
}
