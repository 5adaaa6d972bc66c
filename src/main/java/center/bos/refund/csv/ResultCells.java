// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

/** What a result file says about one row; a null is written as an empty cell. */
public record ResultCells(String outcome, String responseCode, String httpStatus, String message, String attempts,
        String answeredAt) {
}
