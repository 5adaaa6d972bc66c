// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.util.List;

import center.bos.refund.model.NewRow;

/**
 * One row of an input file.
 *
 * @param row what is to be sent, or why it is not
 * @param cells the row's own cells, one for each of {@link CsvFile#columns()}, to be echoed in the results
 */
public record CsvRow(NewRow row, List<String> cells) {
}
