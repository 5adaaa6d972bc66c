// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

/** The added cells of one row in a result file; null is written as an empty cell. */
public record ResultCells(String outcome, String responseCode, String httpStatus, String message, String attempts,
        String answeredAt) {
}
