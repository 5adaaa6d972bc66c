package center.bos.refund.queue;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;

import center.bos.refund.ledger.RefundRow;

/**
 * Rows of one batch that travel as one message of the work queue.
 *
 * @param batch the batch's id
 * @param again whether pairs that were already done are sent as well
 * @param rows the rows, up to {@link #LARGEST}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Chunk(String batch, boolean again, List<Row> rows) {
    /** Rows in a full chunk. */
    public static final int LARGEST = 200;

    /**
     * A row without what the chunk says for all of them.
     *
     * @param line the row's line
     * @param referenceid digits, or null when the row is rejected
     * @param ackno digits, or null when the row is rejected
     * @param rejection why the row cannot be sent, or null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Row(long line, String referenceid, String ackno, String rejection) {
    }

    /** The rows, each complete in itself. */
    public List<RefundRow> refundRows() {
        return rows.stream()
                .map(row -> new RefundRow(batch, row.line(), row.rejection() == null ? row.referenceid() : "",
                        row.rejection() == null ? row.ackno() : "", again, row.rejection()))
                .toList();
    }
}
