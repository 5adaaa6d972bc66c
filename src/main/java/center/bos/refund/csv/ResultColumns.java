// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.util.List;

import center.bos.refund.model.Invisible;

/** The columns that a result file adds after those of its input. */
public final class ResultColumns {
    /** The added columns in order; no other place lists them. */
    public static final List<String> NAMES = List.of("line", "outcome", "response_code", "http_status", "message",
            "attempts", "answered_at");

    private ResultColumns() {
    }

    /** The columns without unnamed ones behind the added columns, which a spreadsheet adds when it saves a result. */
    static List<String> withoutUnnamedBehind(List<String> columns) {
        int end = columns.size();
        while (end > 0 && Invisible.stripped(columns.get(end - 1)).isEmpty()) {
            end--;
        }
        List<String> named = columns.subList(0, end);
        return stripped(named).size() < end ? named : columns;
    }

    /** The columns without the added ones at the end, so that a result that is dropped again does not grow. */
    static List<String> stripped(List<String> columns) {
        int own = columns.size() - NAMES.size();
        return own > 0 && columns.subList(own, columns.size()).equals(NAMES) ? columns.subList(0, own) : columns;
    }
}
