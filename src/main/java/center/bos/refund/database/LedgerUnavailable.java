package center.bos.refund.database;

/** The ledger cannot be opened, read or written; nothing may be sent without it. */
public final class LedgerUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what failed. */
    public LedgerUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
