// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import org.slf4j.MDC;

/** Adds the fields {@code batch} and, for a row, {@code line} to a log line ({@code mdc} in a JSON line). */
public final class LogFields {

    private LogFields() {
    }

    /** Logs with the field {@code batch}. */
    public static void of(String batch, Runnable log) {
        try (MDC.MDCCloseable field = MDC.putCloseable("batch", batch)) {
            log.run();
        }
    }

    /** Logs with the fields {@code batch} and {@code line}; a single refund has no batch. */
    public static void of(DueRow row, Runnable log) {
        try (MDC.MDCCloseable field = MDC.putCloseable("line", Long.toString(row.line()))) {
            of(row.batch(), log);
        }
    }
}
