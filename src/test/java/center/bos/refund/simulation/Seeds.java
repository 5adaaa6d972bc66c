// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs seeds, and tells of the first that breaks the promise. */
final class Seeds implements AutoCloseable {
    /** Each run says what broke in it. */
    private static final Logger LOG = Logger.getLogger("center.bos.refund");

    private final Level level = LOG.getLevel();
    private final SimulatedDatabase database;
    private long commits;

    private Seeds(UnaryOperator<String> rewriting) {
        LOG.setLevel(Level.OFF);
        database = new SimulatedDatabase(rewriting);
    }

    static Seeds ofMain() {
        return new Seeds(UnaryOperator.identity());
    }

    /** @param rewriting puts a fault back into the statements */
    static Seeds withFault(UnaryOperator<String> rewriting) {
        return new Seeds(rewriting);
    }

    /** The first of these seeds that breaks the promise. */
    OptionalLong firstBroken(long from, long to) {
        for (long seed = from; seed < to; seed++) {
            if (broken(seed) != null) {
                return OptionalLong.of(seed);
            }
        }
        return OptionalLong.empty();
    }

    /** How a seed breaks the promise, or null. */
    String broken(long seed) {
        try {
            commits += new Simulation(seed, database, null).run().looks();
            return null;
        } catch (BrokenPromise e) {
            return e.getMessage();
        }
    }

    /** All that happens in the run of a seed, and how the promise is broken in it, if it is. */
    List<String> story(long seed) {
        List<String> story = new ArrayList<>();
        try {
            new Simulation(seed, database, story::add).run();
        } catch (BrokenPromise e) {
            story.add("BROKEN: " + e.getMessage());
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                story.add(cause.toString());
                for (StackTraceElement element : cause.getStackTrace()) {
                    story.add("    at " + element);
                }
            }
        }
        return story;
    }

    long commits() {
        return commits;
    }

    @Override
    public void close() {
        database.close();
        LOG.setLevel(level);
    }
}
