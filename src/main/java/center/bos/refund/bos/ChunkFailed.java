package center.bos.refund.bos;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.util.ObjectHelper;
import org.jboss.logging.Logger;
import org.springframework.util.ErrorHandler;

/** Says why a chunk goes back to the queue; that the process is stopping is no trouble, and not said for each chunk. */
@Singleton
@Named("chunkFailed")
public class ChunkFailed implements ErrorHandler {
    private static final Logger LOG = Logger.getLogger(ChunkFailed.class);

    @Override
    public void handleError(Throwable failure) {
        if (ObjectHelper.getException(GateClosed.class, failure) == null) {
            LOG.warn("A chunk of rows goes back to the queue and comes again", failure);
        }
    }
}
