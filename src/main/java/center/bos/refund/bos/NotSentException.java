package center.bos.refund.bos;

import java.io.IOException;

/** The connection could not be made, or broke before the request was written to its end, so that nobody can have acted. */
final class NotSentException extends IOException {
    private static final long serialVersionUID = 1L;

    NotSentException(String message, Throwable cause) {
        super(message, cause);
    }
}
