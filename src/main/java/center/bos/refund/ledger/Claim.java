package center.bos.refund.ledger;

/** What the ledger said when a row asked to be sent. */
public sealed interface Claim {

    /**
     * The row may be sent, and no other can be for the same pair.
     *
     * @param sends how often the row was claimed because of a doubt, this time included
     * @param attempts POSTs made for the row before
     * @param epoch the node's epoch for which the claim holds
     */
    record Granted(int sends, int attempts, long epoch) implements Claim {
    }

    /**
     * The row needs no call.
     *
     * @param outcome how it ended, now or before
     * @param before whether it had ended before it was asked for
     */
    record Settled(RowOutcome outcome, boolean before) implements Claim {
    }

    /** Another delivery of the same row is being sent at this moment; ask again later. */
    record Busy() implements Claim {
    }
}
