package center.bos.refund;

/** Entry point of the command line. */
public final class Main {
    private Main() {
    }

    /** Runs one command; see {@code ./refund --help}. */
    public static void main(String[] args) {
    }
}
