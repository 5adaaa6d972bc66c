// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Audit;
import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Workload;
import center.bos.refund.model.Stop;
import center.bos.refund.results.BatchTroubles;
import center.bos.refund.throttle.Throttle;
import center.bos.refund.token.TokenCache;

/** The operations of the service itself: its state, pause, resume and cancel of the node, who did what, and who asks. */
@ApplicationScoped
@Named("serviceResource")
public class ServiceResource {
    /** However many callers ask, the ledger is queried once in this time. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final Throttle throttle;
    private final TokenCache tokens;
    private final BatchTroubles troubles;
    private final IdempotencyKey keys;
    private final String node;
    private Reading reading;

    ServiceResource(Ledger ledger, Throttle throttle, TokenCache tokens, BatchTroubles troubles, IdempotencyKey keys,
            RefundConfig config) {
        this.ledger = ledger;
        this.throttle = throttle;
        this.tokens = tokens;
        this.troubles = troubles;
        this.keys = keys;
        this.node = config.node();
    }

    record Deeds(List<Audit.Entry> deeds, String next) {
    }

    record Caller(String name, List<String> roles) {
    }

    /** As in the contract; {@code why} lists everything that keeps calls from beginning. */
    public record Status(@JsonProperty("as_of") Instant asOf, String node, String verdict, boolean calling,
            List<Stop> why, @JsonProperty("in_flight") int inFlight, @JsonUnwrapped Workload workload, long owed) {
        /** To the millisecond, like the other times of the contract. */
        public Status {
            asOf = asOf.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    private record Reading(long nanos, Workload workload, long owed) {
    }

    /** Whether calls begin, and if not why; what waits; what needs a person. */
    public Answer status(ApiRequest request) {
        return Answer.ok(service(false));
    }

    /** Pauses this node: no further call begins. */
    public Answer pause(ApiRequest request) throws Refusal {
        return done(request, deed -> ledger.stops().pauseNode(deed));
    }

    /** Resumes this node. */
    public Answer resume(ApiRequest request) throws Refusal {
        return done(request, deed -> ledger.stops().resumeNode(deed));
    }

    /** Cancels all rows that this node accepted and did not send: they end REJECTED. */
    public Answer cancel(ApiRequest request) throws Refusal {
        return done(request, deed -> ledger.stops().cancelAll(deed));
    }

    /** Who did what, when and why, the newest first. */
    public Answer audit(ApiRequest request) {
        long before = request.optional("before").map(Long::parseLong).orElse(Long.MAX_VALUE);
        List<Audit.Entry> found = ledger.audit().before(before, request.limit() + 1);
        List<Audit.Entry> page = request.page(found);
        return Answer.ok(new Deeds(page,
                found.size() > page.size() ? request.next("before", page.get(page.size() - 1).number()) : null));
    }

    /** The caller's name and roles, so that the console shows only allowed actions. */
    public Answer caller(ApiRequest request) {
        return Answer.personal(new Caller(request.isAnonymous() ? null : request.caller(), request.roles()));
    }

    private Answer done(ApiRequest request, Consumer<Deed> what) throws Refusal {
        ledger.requireWritable();
        what.accept(keys.deed(request, node));
        return Answer.ok(service(true));
    }

    private Status service(boolean anew) {
        Reading now = read(anew);
        Workload of = now.workload();
        List<Stop> why = why();
        String undelivered = of.openBatches() == 0 && now.owed() > 0
                ? "; " + now.owed() + (now.owed() == 1 ? " outcome is" : " outcomes are")
                        + " not delivered to a channel yet"
                : "";
        String verdict = why.isEmpty()
                ? of.sentence() + undelivered
                : "No call " + (of.othersCall(node) ? "of node " + node + " " : "") + "begins, " + why.get(0).text()
                        + "; " + of.waits() + of.needs();
        String stuck = troubles.oldest().map(trouble -> "; tried again until it works: " + trouble.reason()).orElse("");
        return new Status(Instant.now(), node, verdict + stuck, why.isEmpty(), why, throttle.inFlight(), of,
                now.owed());
    }

    private synchronized Reading read(boolean anew) {
        long nanos = System.nanoTime();
        if (anew || reading == null || nanos - reading.nanos() > FRESH.toNanos()) {
            reading = new Reading(nanos, ledger.workload(), ledger.owedOutcomes());
        }
        return reading;
    }

    /** Everything that keeps calls from beginning; what only a person can end comes first. */
    private List<Stop> why() {
        List<Stop> why = new ArrayList<>();
        ledger.trouble().ifPresent(text -> why.add(new Stop(Stop.Kind.LEDGER, null, "the ledger", text, null)));
        throttle.standstill().filter(stop -> stop.kind() == Stop.Kind.PAUSED).ifPresent(why::add);
        throttle.afterHours().ifPresent(why::add);
        throttle.outage().ifPresent(outage -> {
            why.add(new Stop(Stop.Kind.OUTAGE, outage.since(), "BOS", outage.reason(), null));
            // without an outage the old token is still valid, or nobody has asked for one since
            tokens.trouble().ifPresent(text -> why.add(new Stop(Stop.Kind.TOKEN, null, "the token route", text, null)));
        });
        throttle.retryAfter().ifPresent(why::add);
        return why;
    }
}
