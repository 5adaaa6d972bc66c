// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** A named place in the flow at which the process is killed, on one of the times that it comes by. */
enum KillPoint {
    // @formatter:off
    STARTED_EPOCH(Reach.START, "at a restart, before the rows of the run before are put in doubt", 1),
    STARTED_DOUBT(Reach.START, "at a restart, when rows were put in doubt and that is not committed", 1),
    FILE_CLAIMED(Reach.SERVICE, "when a file was claimed from the inbox and is not in the ledger", 1),
    REGISTERED(Reach.ANY, "when a file is in the ledger and not yet in the archive", 1),
    ARCHIVED(Reach.ANY, "when a file is in the archive and none of its rows is accepted", 1),
    PIECE_READ(Reach.ANY, "while a file is read", 3),
    PIECE_WRITTEN(Reach.ANY, "when a piece of a file is written and not committed", 3),
    PIECE_ACCEPTED(Reach.ANY, "between the pieces of a file", 3),
    REST_ACCEPTED(Reach.SERVICE, "when a single refund is accepted and not called", 30),
    REST_KNOWN(Reach.SERVICE, "when a single refund has its outcome and its caller no answer", 30),
    TURN_WRITTEN(Reach.ANY, "when a turn is written and not committed", 100),
    TURN_COMMITTED(Reach.ANY, "when a turn is committed and nobody was told", 100),
    TAKEN(Reach.ANY, "when a row is durable as being sent and nothing is written", 1_000),
    LEASE_CHECKED(Reach.ANY, "when the lease was looked at and nothing is written", 1_000),
    REQUEST_BEGUN(Reach.ANY, "when the request's head is made and not written", 1_000),
    REQUEST_TORN(Reach.ANY, "in the middle of the write of a request", 1_000),
    REQUEST_WRITTEN(Reach.ANY, "after the request is written", 1_000),
    ANSWERED(Reach.ANY, "after the answer", 1_000),
    SETTLE_HANDED_IN(Reach.ANY, "when an outcome is handed in and not durable", 1_000),
    SETTLE_DURABLE(Reach.ANY, "when outcomes are durable and no channel has heard of them", 100),
    DELIVERED(Reach.ANY, "when a channel has an outcome and that is not marked", 1_000),
    DELIVERED_MARKED(Reach.ANY, "when it is marked that a channel has its outcomes", 20),
    RESULT_ROWS(Reach.ANY, "while the result files are written", 1_000),
    SUCCESS_RENAMED(Reach.ANY, "between the renames of success.csv and error.csv", 1),
    ERROR_RENAMED(Reach.ANY, "between the rename of error.csv and summary.json", 1),
    SUMMARY_WRITTEN(Reach.ANY, "between summary.json and the ledger's 'complete'", 1),
    COMPLETED(Reach.ANY, "after the ledger's 'complete'", 1),
    MESSAGE_ACCEPTED(Reach.BROKER, "when a message is accepted and not acknowledged", 10),
    ACKNOWLEDGED(Reach.BROKER, "after a message is acknowledged", 10);
    // @formatter:on

    /** Arms the rules of a process whose working folder holds it. */
    static final String ARMED = "armed";

    private final Reach reach;
    private final String description;
    private final int times;

    /** Who comes by: every process that starts, every file, what only a service takes, or messages. */
    private enum Reach {
        START, ANY, SERVICE, BROKER
    }

    KillPoint(Reach reach, String description, int times) {
        this.reach = reach;
        this.description = description;
        this.times = times;
    }

    /** Those that need no broker. */
    static List<KillPoint> withoutBroker() {
        return Arrays.stream(values()).filter(point -> point.reach != Reach.BROKER).toList();
    }

    /** What the process is doing there, for a reader. */
    String description() {
        return description;
    }

    /** Whether a process comes by before it takes anything new. */
    boolean atStart() {
        return reach == Reach.START;
    }

    /** Whether a service alone comes by. */
    boolean ofService() {
        return reach != Reach.ANY;
    }

    /** One of the times that a file of {@link CrashSite#ROWS} rows comes by. */
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

    /**
     * The same for a place that is told by the first lines of a Byteman rule. A line {@code IF} says when it counts, a line
     * {@code DO} what is done before the kill; rules that end are left as they are.
     */
    static String script(String where, int time) {
        int last = where.lastIndexOf("ENDRULE") < 0 ? 0 : where.lastIndexOf("ENDRULE") + "ENDRULE".length();
        StringBuilder place = new StringBuilder(where.substring(0, last));
        String when = "true";
        String first = "";
        for (String line : where.substring(last).lines().toList()) {
            if (line.startsWith("IF ")) {
                when = line.substring("IF ".length());
            } else if (line.startsWith("DO ")) {
                first = line.substring("DO ".length());
            } else {
                place.append(line).append('\n');
            }
        }
        return place + part("kill").replace("WHEN", when).replace("FIRST", first).replace("TIME",
                Integer.toString(time));
    }

    private static String part(String name) {
        try (InputStream in = KillPoint.class.getResourceAsStream("kill-points/" + name + ".btm")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
