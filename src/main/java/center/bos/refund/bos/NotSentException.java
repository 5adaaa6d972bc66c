package center.bos.refund.bos;

import java.io.IOException;

/** The connection could not be made, so that not a byte of the request was written. */
final class NotSentException extends IOException {
    private static final long serialVersionUID = 1L;

    NotSentException(String message, Throwable cause) {
        super(message, cause);
    }
}
