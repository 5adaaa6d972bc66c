package center.bos.refund.ledger;

/**
 * One refund trigger: a row of a batch, or a message that came alone.
 *
 * @param batch the batch's id
 * @param line the row's first line in the file, or its place in the message
 * @param referenceid digits, as text; empty when the row is rejected
 * @param ackno digits, as text; empty when the row is rejected
 * @param again whether a person asked to send the pair although it was done before
 * @param rejection why the row cannot be sent, or null when it can
 */
public record RefundRow(String batch, long line, String referenceid, String ackno, boolean again, String rejection) {
}
