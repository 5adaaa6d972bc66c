package center.bos.refund.bos;

/** The process is stopping; the row was not sent and goes on at the next start. */
public final class GateClosed extends Exception {
    private static final long serialVersionUID = 1L;

    GateClosed() {
        super("the process is stopping; the row goes on at the next start");
    }
}
