package center.bos.refund.ledger;

/**
 * One refund trigger: a row of a batch, or a message that came alone.
 *
 * @param batch the batch's id
 * @param line the row's first line in the file, or its place in the message
 * @param referenceid digits, as text; of a rejected row what its sender gave, or empty
 * @param ackno digits, as text; of a rejected row what its sender gave, or empty
 * @param again whether a person asked to send the pair although it was done before
 * @param rejection why the row cannot be sent, or null when it can
 */
public record RefundRow(String batch, long line, String referenceid, String ackno, boolean again, String rejection) {

    /** The pair by which rows are told to be the same. */
    public Pair pair() {
        return Pair.of(referenceid, ackno);
    }

    /**
     * Two ids without leading zeros: 007 and 7 are one number to BOS, and one customer.
     *
     * @param referenceid the reference id
     * @param ackno the acknowledgement number
     */
    public record Pair(String referenceid, String ackno) {
        /** The pair of two ids as they were given. */
        public static Pair of(String referenceid, String ackno) {
            return new Pair(withoutLeadingZeros(referenceid), withoutLeadingZeros(ackno));
        }

        private static String withoutLeadingZeros(String id) {
            int start = 0;
            while (start < id.length() - 1 && id.charAt(start) == '0') {
                start++;
            }
            return start == 0 ? id : id.substring(start);
        }
    }
}
