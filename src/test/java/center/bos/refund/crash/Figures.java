// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a campaign found, by the place of the kill. */
final class Figures {
    static final String RANDOM_TIME = "at a random time";

    private record Line(int kills, long inDoubt, long most) {
        Line plus(long rows) {
            return new Line(kills + 1, inDoubt + rows, Math.max(most, rows));
        }
    }

    private final Map<String, Line> lines = new TreeMap<>();
    private int kills;
    private long batches;
    private long inDoubt;
    private final StringBuilder others = new StringBuilder();

    /** A batch that was held against the server's log, the places of its kills, and its rows that ended IN_DOUBT. */
    synchronized void batch(List<String> places, long rowsInDoubt) {
        for (String place : places) {
            lines.merge(place, new Line(1, rowsInDoubt, rowsInDoubt), (before, one) -> before.plus(rowsInDoubt));
        }
        kills += places.size();
        batches++;
        inDoubt += rowsInDoubt;
    }

    /** What was checked beside the files. */
    synchronized void say(String text) {
        others.append(text).append('\n');
    }

    synchronized int kills() {
        return kills;
    }

    /** Where there was a kill that was checked. */
    synchronized Set<String> places() {
        return Set.copyOf(lines.keySet());
    }

    /** The figures as a table for {@code docs/reliability.md}. */
    synchronized String table() {
        StringBuilder table = new StringBuilder(
                "| killed | times | rows IN_DOUBT in those batches | most in one |\n|---|---|---|---|\n");
        lines.forEach((place, line) -> table.append("| ").append(place).append(" | ").append(line.kills())
                .append(" | ").append(line.inDoubt()).append(" | ").append(line.most()).append(" |\n"));
        return table.append("| **all** | ").append(kills).append(" | ").append(inDoubt).append(" | |\n\n")
                .append(batches).append(" batches of ").append(CrashSite.ROWS)
                .append(" rows: no row lost, no row in both files, no pair sent twice, every ledger sound.\n")
                .append(others).toString();
    }
}
