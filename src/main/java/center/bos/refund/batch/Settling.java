package center.bos.refund.batch;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Tells which of the files that are looked at again and again have stopped changing, by this machine's own clock. */
public final class Settling {
    private static final Duration QUIET = Duration.ofSeconds(2);
    /** Many programs create a file well before they write its first line, and pause in the middle of one when a buffer is full. */
    private static final Duration QUIET_WITHIN_A_LINE = Duration.ofSeconds(5);
    private static final int MOST_WATCHED = 10_000;

    private final Map<String, Sight> watched = new ConcurrentHashMap<>();

    private record Sight(long size, long modified, long since) {
        boolean sameAs(Sight other) {
            return other != null && size == other.size && modified == other.modified;
        }
    }

    /**
     * Looks at a file.
     *
     * @param modified when it was changed, in any unit
     * @param withinALine whether it is empty or its last line has no end, so that more is likely to come
     * @return whether size and time have been the same for long enough; the file is then forgotten
     */
    public boolean hasSettled(String file, long size, long modified, boolean withinALine) {
        Sight now = new Sight(size, modified, System.nanoTime());
        Sight before = watched.get(file);
        if (!now.sameAs(before)) {
            if (watched.size() >= MOST_WATCHED) {
                watched.clear(); // of files that were taken away; the others are looked at once more
            }
            watched.put(file, now);
            return false;
        }
        Duration quiet = withinALine ? QUIET_WITHIN_A_LINE : QUIET;
        if (now.since - before.since < quiet.toNanos()) {
            return false;
        }
        watched.remove(file);
        return true;
    }
}
