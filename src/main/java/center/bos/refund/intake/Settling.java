// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Tells which polled files have stopped changing, by this machine's clock. */
public final class Settling {
    private static final Duration QUIET = Duration.ofSeconds(2);
    /** Many programs create a file well before they write its first line, and pause in the middle of one when a buffer is full. */
    private static final Duration QUIET_WITHIN_A_LINE = Duration.ofSeconds(5);
    /** A file that was not seen for so long is gone. */
    private static final Duration FORGOTTEN = Duration.ofDays(1);

    private final Map<String, Sight> watched = new ConcurrentHashMap<>();
    private volatile long swept = System.nanoTime();

    private record Sight(long size, long modified, long since, long seen) {
        boolean sameAs(Sight other) {
            return other != null && size == other.size && modified == other.modified;
        }
    }

    /**
     * Notes the state of a file.
     *
     * @param modified when it was changed, in any unit
     * @param withinALine whether it is empty or its last line has no line break, so that more is likely to come
     * @return whether size and time have been unchanged for long enough; then the file is forgotten
     */
    public boolean hasSettled(String file, long size, long modified, boolean withinALine) {
        long now = System.nanoTime();
        sweep(now);
        Sight sight = new Sight(size, modified, now, now);
        Sight before = watched.get(file);
        if (!sight.sameAs(before)) {
            watched.put(file, sight);
            return false;
        }
        Duration quiet = withinALine ? QUIET_WITHIN_A_LINE : QUIET;
        if (now - before.since < quiet.toNanos()) {
            watched.put(file, new Sight(size, modified, before.since, now));
            return false;
        }
        watched.remove(file);
        return true;
    }

    private void sweep(long now) {
        if (now - swept > FORGOTTEN.toNanos()) {
            swept = now;
            watched.values().removeIf(sight -> now - sight.seen > FORGOTTEN.toNanos());
        }
    }

    /** Whether a file is empty or its last line has no line break. */
    static boolean endsWithinALine(Path file) {
        ByteBuffer end = ByteBuffer.allocate(2); // in UTF-16 a zero stands before or behind the line's end
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.read(end, Math.max(0, channel.size() - end.capacity()));
        } catch (IOException e) {
            return false; // let through, so that whoever takes it says why it cannot be read
        }
        String last = new String(end.array(), StandardCharsets.ISO_8859_1);
        return last.indexOf('\n') < 0 && last.indexOf('\r') < 0;
    }
}
