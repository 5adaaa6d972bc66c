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

    /** The reference id by which pairs are told apart: 007 and 7 are one number, and one customer. */
    public String pairReferenceid() {
        return withoutLeadingZeros(referenceid);
    }

    /** The acknowledgement number by which pairs are told apart, as {@link #pairReferenceid()}. */
    public String pairAckno() {
        return withoutLeadingZeros(ackno);
    }

    private static String withoutLeadingZeros(String id) {
        int start = 0;
        while (start < id.length() - 1 && id.charAt(start) == '0') {
            start++;
        }
        return start == 0 ? id : id.substring(start);
    }
}
