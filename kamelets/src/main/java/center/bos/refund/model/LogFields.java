// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import org.slf4j.MDC;

/** Adds the fields {@code batch} and, for a row, {@code line} to a log line ({@code mdc} in a JSON line). */
public final class LogFields {
    private static final String BATCH = "batch";
    private static final String LINE = "line";

    private LogFields() {
    }

    /** Logs with the field {@code batch}. */
    public static void of(String batch, Runnable log) {
        MDC.put(BATCH, batch);
        try {
            log.run();
        } finally {
            MDC.remove(BATCH);
        }
    }

    /** Logs with the fields {@code batch} and {@code line}; a single refund has no batch. */
    public static void of(DueRow row, Runnable log) {
        MDC.put(LINE, Long.toString(row.line()));
        try {
            of(row.batch(), log);
        } finally {
            MDC.remove(LINE);
        }
    }
}
