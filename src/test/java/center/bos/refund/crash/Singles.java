package center.bos.refund.crash;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.RefundProcess;

/** Callers of single refunds over REST, while the service is killed; what they were told must be what the ledger holds. */
final class Singles {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final String OUTCOME = """
            SELECT outcome FROM refund JOIN batch ON batch.number = refund.batch
            WHERE source = 'REST' AND referenceid = ?""";

    private final AtomicLong ids = new AtomicLong(900_000_000_000L);
    /** The outcome that a caller was told, or empty where it was told that the refund is accepted; by reference id. */
    private final Map<Long, String> told = new ConcurrentHashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();

    /** Calls until the process is gone. */
    void call(RefundProcess process, int port) {
        Thread caller = new Thread(() -> {
            try {
                while (process.isAlive()) {
                    call(port, ids.incrementAndGet());
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        caller.setDaemon(true);
        caller.start();
    }

    private void call(int port, long id) throws InterruptedException {
        try {
            HttpResponse<String> answer = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port
                    + "/refunds")).header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"referenceid\":" + id + ",\"ackno\":1}")).build(),
                    BodyHandlers.ofString());
            if (answer.statusCode() == OK) {
                told.put(id, JSON.readTree(answer.body()).get("outcome").asText());
            } else if (answer.statusCode() == ACCEPTED) {
                told.put(id, "");
            }
        } catch (IOException e) {
            // it was killed before it answered, or does not listen yet
        }
    }

    /** Fails where a caller was told something else than the ledger holds, now that all is done. */
    void check(Connection ledger) throws SQLException {
        try (PreparedStatement find = ledger.prepareStatement(OUTCOME)) {
            for (Map.Entry<Long, String> one : told.entrySet()) {
                find.setString(1, one.getKey().toString());
                try (ResultSet found = find.executeQuery()) {
                    String outcome = found.next() ? found.getString(1) : null;
                    if (outcome == null || !one.getValue().isEmpty() && !one.getValue().equals(outcome)) {
                        throw new AssertionError("the caller of " + one.getKey() + " was told '" + one.getValue()
                                + "', the ledger holds " + outcome);
                    }
                }
            }
        }
    }

    int answered() {
        return told.size();
    }
}
