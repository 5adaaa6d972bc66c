// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.database.Jdbc;
import center.bos.refund.model.Stop;

/**
 * What waits in the ledger and what needs a person, of all nodes. It is read from the counters of unfinished batches, never by
 * counting rows.
 *
 * @param openBatches unfinished files, uploads and requests
 * @param waiting their rows that have no outcome and are not being sent
 * @param stoppedBatches how many of the batches are stopped
 * @param waitingInStopped the waiting rows of stopped batches
 * @param oldestInDoubt since when the oldest row in doubt is in doubt, or null
 * @param nodes the nodes that run or have unfinished batches
 */
public record Workload(@JsonProperty("open_batches") long openBatches, long waiting,
        @JsonProperty("stopped_batches") long stoppedBatches, @JsonProperty("waiting_in_stopped") long waitingInStopped,
        @JsonProperty("waiting_for_release") long unreleased, @JsonProperty("oldest_open") Instant oldestOpen,
        @JsonProperty("in_doubt") long inDoubt, @JsonProperty("oldest_in_doubt") Instant oldestInDoubt,
        List<NodeLoad> nodes) {
    /** The workload of an empty ledger. */
    public static final Workload NONE = new Workload(0, 0, 0, 0, 0, null, 0, null, List.of());

    private static final String OPEN = """
            SELECT node, count(*), sum(row_count - success - error - in_doubt - duplicate - rejected - sending),
                   sum(sending), sum(CASE WHEN stopped IS NULL THEN 0 ELSE 1 END),
                   sum(CASE WHEN stopped IS NULL THEN 0
                       ELSE row_count - success - error - in_doubt - duplicate - rejected - sending END), min(started_at)
            FROM batch WHERE state = 'open' GROUP BY node""";
    private static final String UNRELEASED = """
            SELECT (SELECT count(*) FROM batch WHERE stopped = 'unreleased' AND state = 'open')
                   + (SELECT count(*) FROM release WHERE decision IS NULL)""";
    private static final String IN_DOUBT = "SELECT sum(in_doubt) FROM batch WHERE in_doubt > 0";
    private static final String OLDEST = "SELECT min(answered_at) FROM refund WHERE outcome = 'IN_DOUBT'";
    private static final String RUNNING = "SELECT node, max(alive_at) FROM epoch WHERE ended_at IS NULL GROUP BY node";
    private static final String PAUSED = "SELECT paused_at, paused_by, reason, node FROM paused_node";

    /**
     * The workload of one node.
     *
     * @param openBatches its unfinished batches
     * @param paused a person's pause of the node, or null
     */
    public record NodeLoad(String node, @JsonProperty("alive_at") Instant aliveAt,
            @JsonProperty("open_batches") long openBatches, long waiting, @JsonProperty("in_flight") long inFlight,
            Stop paused) {
    }

    private record Open(String node, long batches, long waiting, long sending, long stopped, long waitingInStopped,
            Instant oldest) {
    }

    /** Reads the workload; writes nothing. */
    public static Workload read(Jdbc jdbc) throws SQLException {
        List<Open> open = jdbc.list(OPEN, found -> new Open(found.getString(1), found.getLong(2), found.getLong(3),
                found.getLong(4), found.getLong(5), found.getLong(6), Jdbc.instant(found, 7)));
        Map<String, Instant> alive = new TreeMap<>();
        jdbc.list(RUNNING, found -> alive.put(found.getString(1), Jdbc.instant(found, 2)) == null);
        Map<String, Stop> paused = new TreeMap<>();
        jdbc.list(PAUSED, found -> paused.put(found.getString(4), Stops.paused(found)) == null);
        Map<String, NodeLoad> nodes = new TreeMap<>();
        for (Open of : open) {
            nodes.put(of.node(), new NodeLoad(of.node(), alive.get(of.node()), of.batches(), of.waiting(), of.sending(),
                    paused.get(of.node())));
        }
        alive.forEach((node, at) -> nodes.putIfAbsent(node, new NodeLoad(node, at, 0, 0, 0, paused.get(node))));
        paused.forEach((node, stop) -> nodes.putIfAbsent(node, new NodeLoad(node, null, 0, 0, 0, stop)));
        return new Workload(open.stream().mapToLong(Open::batches).sum(), open.stream().mapToLong(Open::waiting).sum(),
                open.stream().mapToLong(Open::stopped).sum(), open.stream().mapToLong(Open::waitingInStopped).sum(),
                jdbc.list(UNRELEASED, found -> found.getLong(1)).get(0),
                open.stream().map(Open::oldest).min(Instant::compareTo).orElse(null),
                jdbc.list(IN_DOUBT, found -> found.getLong(1)).get(0),
                jdbc.list(OLDEST, found -> Jdbc.instant(found, 1)).get(0), List.copyOf(nodes.values()));
    }

    /** Whether a node other than this one runs, and nobody paused it. */
    public boolean othersCall(String node) {
        return nodes.stream().anyMatch(of -> !of.node().equals(node) && of.aliveAt() != null && of.paused() == null);
    }

    /** Rows without an outcome whose batch is not stopped. */
    public long pending() {
        return waiting + nodes.stream().mapToLong(NodeLoad::inFlight).sum() - waitingInStopped;
    }

    /** The end of the verdict sentence: what needs a person, or an empty text. */
    public String needs() {
        return (inDoubt == 0 ? "" : "; " + rows(inDoubt) + " in doubt " + (inDoubt == 1 ? "needs" : "need") + " you")
                + (unreleased == 0
                        ? ""
                        : "; " + unreleased + (unreleased == 1 ? " waits" : " wait")
                                + " for another person's release");
    }

    /** The verdict sentence while calls may begin. */
    public String sentence() {
        if (openBatches == 0) {
            return "Nothing waits" + needs();
        }
        if (stoppedBatches > 0 && waitingInStopped == waiting) {
            return "What waits is stopped: " + rows(waiting) + " in "
                    + (stoppedBatches == 1 ? "1 batch" : stoppedBatches + " batches") + needs();
        }
        return (inDoubt == 0 ? "Going well: " : "Under way: ") + waits() + (stoppedBatches == 0
                ? ""
                : String.format(Locale.ROOT, ", %,d of them in stopped batches", waitingInStopped)) + needs();
    }

    /** The number of waiting rows as text, such as {@code 3 rows wait}. */
    public String waits() {
        return rows(waiting) + (waiting == 1 ? " waits" : " wait");
    }

    private static String rows(long count) {
        return count == 1 ? "1 row" : String.format(Locale.ROOT, "%,d rows", count);
    }
}
