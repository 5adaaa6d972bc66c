package center.bos.refund.rest;

import java.nio.file.Files;
import java.nio.file.Path;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Body;

import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;

/** The result files of a complete batch. */
@ApplicationScoped
@Named("resultDownload")
public class ResultDownload {
    private final Ledger ledger;
    private final DataFolder folder;

    ResultDownload(Ledger ledger, DataFolder folder) {
        this.ledger = ledger;
        this.folder = folder;
    }

    /**
     * {@code success.csv}.
     *
     * @throws Refusal if it is not there
     */
    public Answer success(@Body ApiRequest request) throws Refusal {
        return file(request, "success.csv");
    }

    /**
     * {@code error.csv}.
     *
     * @throws Refusal if it is not there
     */
    public Answer error(@Body ApiRequest request) throws Refusal {
        return file(request, "error.csv");
    }

    private Answer file(ApiRequest request, String name) throws Refusal {
        Batch batch = BatchViews.find(ledger, request);
        if (batch.state() != Batch.State.COMPLETE) {
            throw new Refusal(404, batch.state() == Batch.State.OPEN
                    ? "the batch is not complete yet"
                    : "the batch was refused, it has no results");
        }
        Path file = folder.results(batch.id()).resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new Refusal(404, "the results are not here; node " + batch.node() + " wrote them");
        }
        return Answer.file(file);
    }
}
