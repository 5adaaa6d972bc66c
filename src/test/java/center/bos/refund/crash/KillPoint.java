package center.bos.refund.crash;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** A named place in the pipeline at which the process is killed, on one of the times that it comes by. */
enum KillPoint {
    // @formatter:off
    STARTED_SWEEP("at a restart, before the claims of the run before are put in doubt durably", 1),
    STARTED_BROKER("at a restart, when the broker has read its journal", 1),
    FILE_CLAIMED("when a file was taken out of the inbox and is not in the ledger", 1),
    REGISTERED("when a file is in the ledger and not yet in the archive", 1),
    ARCHIVED("when a file is in the archive and no chunk is queued", 1),
    FILE_READ("while the file is read", 4),
    CHUNK_QUEUED("after a chunk is queued", 4),
    COMMIT_BEGUN("when a group of claims and outcomes is written and not committed", 40),
    COMMIT_DONE("when a group is durable and nobody was told", 40),
    CLAIM_DURABLE("after a claim is durable", 700),
    REQUEST_BEGUN("when the request's head is made and not written", 700),
    REQUEST_WRITTEN("after the request is written", 700),
    ANSWERED("after the answer", 700),
    OUTCOME_DURABLE("after the outcome is durable", 700),
    PUBLISHING("while a chunk's outcomes are handed to their channels", 700),
    BEFORE_ACKNOWLEDGEMENT("before the acknowledgement", 4),
    ACKNOWLEDGED("after the acknowledgement", 4),
    RESULT_ROWS("while the result files are written", 700),
    SUCCESS_RENAMED("between the renames of success.csv and error.csv", 1),
    ERROR_RENAMED("between the rename of error.csv and summary.json", 1),
    SUMMARY_WRITTEN("between summary.json and the ledger's 'complete'", 1),
    COMPLETED("after the ledger's 'complete'", 1),
    JOURNAL_TORN("in the middle of a write to the broker's journal", 60);
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
        return this == STARTED_SWEEP || this == STARTED_BROKER;
    }

    /** Whether only files of the inbox come by, and not those of a command. */
    boolean atInbox() {
        return this == FILE_CLAIMED;
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
