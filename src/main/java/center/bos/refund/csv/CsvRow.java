// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.util.List;

/**
 * One row of an input file.
 *
 * @param line the physical line where the row starts, counted from 1
 * @param cells the row's own cells, one for each of {@link CsvFile#columns()}, to be echoed in the results
 * @param referenceid digits without surrounding space, or empty if the row has no usable one
 * @param ackno digits without surrounding space, or empty if the row has no usable one
 * @param rejection why the row must not be sent and what to do about it, or null when it is good
 * @param evidence why the row's own outcome forbids sending it again without a person's request, or null
 */
public record CsvRow(long line, List<String> cells, String referenceid, String ackno, String rejection,
        String evidence) {
    /** Copies the cells. */
    public CsvRow {
        cells = List.copyOf(cells);
    }

    /** Whether the row must not be sent. */
    public boolean rejected() {
        return rejection != null;
    }
}
