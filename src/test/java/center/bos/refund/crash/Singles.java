// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RestService;

/**
 * Callers of single refunds, each with an Idempotency-Key. Who gets no answer, because the service was killed, asks the next
 * one again with the same key.
 */
final class Singles {
    private static final long FIRST_REFERENCE = 700_000_000_000L;
    private static final int CALLERS = 3;
    private static final long PAUSE_MILLIS = 20;

    private final List<Asked> unanswered = new ArrayList<>();
    private final List<Answered> answered = new ArrayList<>();
    private final List<Thread> callers = new ArrayList<>();
    private volatile boolean stopped;
    private volatile Throwable failure;
    private long next = FIRST_REFERENCE;
    private long asked;

    private record Asked(long referenceid) {
        String json() {
            return "{\"referenceid\":" + referenceid + ",\"ackno\":1}";
        }
    }

    private record Answered(Asked asked, String id, String outcome) {
    }

    /** Begins to call that service. */
    void begin(RestService service) {
        stopped = false;
        for (int i = 0; i < CALLERS; i++) {
            Thread caller = new Thread(() -> call(service));
            callers.add(caller);
            caller.start();
        }
    }

    /** Ends the calls. */
    void stop() throws InterruptedException {
        stopped = true;
        for (Thread caller : callers) {
            caller.join();
        }
        callers.clear();
    }

    private void call(RestService service) {
        while (!stopped && service.process().isAlive()) {
            try {
                call(service, ask());
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | AssertionError e) {
                failure = e;
            }
        }
    }

    private synchronized Asked ask() {
        Asked one = new Asked(next++);
        asked++;
        unanswered.add(one);
        return one;
    }

    private void call(RestService service, Asked one) {
        try {
            RestService.Answer answer = service.json("/refunds", one.json(), "Idempotency-Key",
                    "key-" + one.referenceid());
            if (answer.status() == 200) {
                answered(new Answered(one, answer.json().get("id").asText(), answer.json().get("outcome").asText()));
            } else if (answer.status() != 202 && answer.status() != 503) {
                throw new AssertionError("answered " + answer.status() + ": " + answer.http().body());
            }
        } catch (UncheckedIOException killed) {
            // no answer: asked again
        }
    }

    private synchronized void answered(Answered answer) {
        unanswered.remove(answer.asked());
        answered.add(answer);
    }

    /** Asks that service again for all that had no answer. */
    void repeat(RestService service) {
        for (Asked one : List.copyOf(unanswered)) {
            call(service, one);
        }
        if (!unanswered.isEmpty()) {
            throw new AssertionError(
                    unanswered.size() + " single refunds get no answer: " + service.process().output());
        }
    }

    /** Holds the answers against the ledger, and counts the rows for the promise. */
    void check(LedgerBook ledger, PromiseCheck promise) {
        if (failure != null) {
            throw new AssertionError(failure);
        }
        List<String> rows = new ArrayList<>(ledger.singles());
        for (Iterator<Answered> each = answered.iterator(); each.hasNext(); each.remove()) {
            Answered answer = each.next();
            String reference = Long.toString(answer.asked().referenceid());
            if (!rows.remove(reference + " " + answer.id() + " " + answer.outcome())) {
                throw new AssertionError("the ledger does not have " + answer);
            }
            promise.row(reference, "1", answer.outcome());
        }
        if (!rows.isEmpty()) {
            throw new AssertionError("the ledger has single refunds that nobody asked for, or that ended otherwise: "
                    + rows);
        }
    }

    long asked() {
        return asked;
    }
}
