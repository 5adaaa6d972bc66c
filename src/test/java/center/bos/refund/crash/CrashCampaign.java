package center.bos.refund.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import center.bos.refund.testkit.RefundProcess;

/**
 * Kills real processes of the packaged application, at named points and at random times, and holds what the server saw
 * against the results. Two in three kills hit a service, whose next start goes on with the batch and takes the next
 * file; the others hit a {@code send}, which is run again.
 */
public final class CrashCampaign {
    private static final int KILLED = 128 + 9;
    private static final int SEND_EVERY = 3;
    private static final int RANDOM_MILLIS_AT_START = 4_000;
    private static final int RANDOM_MILLIS_AT_WORK = 5_000;

    private final CrashSite site;
    private final Random random;
    private final Figures figures;
    private final List<Kill> pending = new ArrayList<>();
    private Path open;

    /** Where or, without a point, at a random time. */
    private record Kill(KillPoint point) {
        String place() {
            return point == null ? Figures.RANDOM_TIME : point.description();
        }

        boolean atStart() {
            return point != null && point.atStart();
        }
    }

    private CrashCampaign(CrashSite site, Random random, Figures figures) {
        this.site = site;
        this.random = random;
        this.figures = figures;
    }

    /** {@code FOLDER NAMED RANDOM SEED}: kills that often at named points and at random times, and prints the figures. */
    public static void main(String... args) throws Exception {
        Figures figures = new Figures();
        run(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]), Long.parseLong(args[3]), figures);
        System.out.println(figures.table());
    }

    static void run(Path folder, int named, int atRandom, long seed, Figures figures) throws Exception {
        Random random = new Random(seed);
        List<Kill> kills = new ArrayList<>();
        for (int i = 0; i < named; i++) {
            kills.add(new Kill(KillPoint.values()[i % KillPoint.values().length]));
        }
        kills.addAll(Collections.nCopies(atRandom, new Kill(null)));
        Collections.shuffle(kills, random);
        try (CrashSite site = new CrashSite(folder)) {
            new CrashCampaign(site, random, figures).run(kills);
        }
    }

    private void run(List<Kill> kills) throws Exception {
        for (int i = 0; i < kills.size(); i++) {
            Kill kill = kills.get(i);
            try {
                if (i % SEND_EVERY == 1 && !kill.atStart()) {
                    send(kill);
                } else {
                    serve(kill);
                }
            } catch (Exception | AssertionError e) {
                throw new AssertionError("kill " + (i + 1) + ", " + kill.place() + ", in " + site.folder(), e);
            }
            System.out.printf("%tT kill %d of %d: %s%n", System.currentTimeMillis(), i + 1, kills.size(), kill.place());
        }
        try (RefundProcess last = site.process().start("serve")) {
            finish(last);
            last.terminate();
            if (last.waitFor(Duration.ofSeconds(30)) != 0) {
                throw new AssertionError("the service did not end well: " + last.output());
            }
        }
    }

    /** Kills a service; what it leaves is finished by the next. */
    private void serve(Kill kill) throws Exception {
        if (kill.atStart()) {
            if (open == null) {
                serve(new Kill(null)); // so that there is something to go on with
            }
            site.arm();
        } else {
            site.disarm();
        }
        int time = time(kill);
        boolean whileStarting = kill.point() == null && open != null && random.nextInt(3) == 0;
        try (RefundProcess process = launch(kill, time).start("serve")) {
            if (whileStarting) {
                killWithin(process, RANDOM_MILLIS_AT_START);
            } else if (!kill.atStart()) {
                finish(process);
                open = site.nextFile();
                site.arm();
                site.drop(open);
                if (kill.point() == null) {
                    killWithin(process, RANDOM_MILLIS_AT_WORK);
                }
            }
            expectKilled(process, kill);
        }
    }

    /** Kills a command and runs it again. */
    private void send(Kill kill) throws Exception {
        try (RefundProcess before = site.process().start("serve")) {
            site.disarm();
            finish(before);
            before.terminate();
            before.waitFor(CrashSite.LONG);
        }
        open = site.nextFile();
        site.arm();
        int time = time(kill);
        try (RefundProcess process = launch(kill, time).start("send", open.toString())) {
            if (kill.point() == null) {
                killWithin(process, RANDOM_MILLIS_AT_START + RANDOM_MILLIS_AT_WORK);
            }
            expectKilled(process, kill);
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

    private RefundProcess.Launch launch(Kill kill, int time) throws IOException {
        return kill.point() == null
                ? site.process()
                : KillAgent.at(kill.point(), time, site.folder(), site.process());
    }

    private void killWithin(RefundProcess process, int millis) throws InterruptedException {
        // the point of a random kill is that nothing tells when it comes
        TimeUnit.MILLISECONDS.sleep(random.nextInt(millis));
        process.kill9();
    }

    /** A point that the process did not come by often enough is tried again with the first time; nothing is counted. */
    private void expectKilled(RefundProcess process, Kill kill) {
        boolean ended = open == null
                ? process.waitFor(CrashSite.LONG) == KILLED
                : site.awaitResults(open, process) && process.isAlive();
        if (ended && open != null) {
            await().atMost(GRACE).until(() -> !process.isAlive());
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
        pending.forEach(kill -> figures.kill(kill.place(), inDoubt));
        pending.clear();
        figures.batch(inDoubt);
        Files.delete(open);
        open = null;
    }
}
