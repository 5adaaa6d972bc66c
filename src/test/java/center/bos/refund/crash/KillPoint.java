package center.bos.refund.crash;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** A named place in the pipeline at which the process is killed, on one of the times that it comes by. */
enum KillPoint {
    // @formatter:off
    STARTED_SWEEP("at a restart, before rows left being sent are put in doubt durably", 1),
    FILE_CLAIMED("when a file was taken out of the inbox and is not in the ledger", 1),
    REGISTERED("when a file is in the ledger and not yet in the archive", 1),
    ARCHIVED("when a file is in the archive and no row is accepted", 1),
    FILE_READ("while the file is read", 2),
    PIECE_ACCEPTED("between the pieces of an accepted file", 2),
    TURN_WRITTEN("when a turn is written and not committed", 40),
    TURN_COMMITTED("when a turn is durable and nobody was told", 40),
    ACCEPTED_FOR_CALLER("after a single refund is accepted and before its caller is answered", 5),
    TAKEN("after rows were durably taken and before their calls begin", 700),
    LEASE_CHECKED("right before the request is made", 700),
    REQUEST_BEGUN("when the request's head is made and not written", 700),
    REQUEST_HALF("in the middle of the write", 700),
    REQUEST_WRITTEN("after the request is written", 700),
    ANSWERED("after the answer", 700),
    SETTLED("after the settlement is handed in, before the outbox hears of it", 700),
    HANDED_OVER("between the hand-over of an outcome and its mark", 700),
    MARKED("after outcomes that were handed over are marked", 5),
    RESULT_ROWS("while the result files are written", 700),
    SUCCESS_RENAMED("between the renames of success.csv and error.csv", 1),
    ERROR_RENAMED("between the rename of error.csv and summary.json", 1),
    SUMMARY_WRITTEN("between summary.json and the ledger's 'complete'", 1),
    COMPLETED("after the ledger's 'complete'", 1);
    // @formatter:on

    /** Arms the rules of a process whose working folder holds it. */
    static final String ARMED = "armed";

    private final String description;
    private final int times;

    KillPoint(String description, int times) {
        this.description = description;
        this.times = times;
    }

    /** What the process is doing there, for a reader. */
    String description() {
        return description;
    }

    /** Whether a process comes by before it takes a new file. */
    boolean atStart() {
        return this == STARTED_SWEEP;
    }

    /** Whether only a service comes by, and not a command. */
    boolean atService() {
        return this == FILE_CLAIMED || this == ACCEPTED_FOR_CALLER;
    }

    /** One of the times that a batch of 800 rows comes by. */
    int anyTime(RandomGenerator random) {
        return 1 + random.nextInt(times);
    }

    /**
     * The Byteman script that kills at that time. Where stands in the folder {@code kill-points} under the point's name; how,
     * in {@code kill.btm} there.
     */
    String script(int time) {
        return script(part(name()), time);
    }

    /** The same for a place that is told by the first lines of a Byteman rule. */
    static String script(String where, int time) {
        return (where + part("kill")).replace("TIME", Integer.toString(time));
    }

    private static String part(String name) {
        try (InputStream in = KillPoint.class.getResourceAsStream("kill-points/" + name + ".btm")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
