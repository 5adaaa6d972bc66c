// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.model.Stop;
import center.bos.refund.model.Trouble;

/**
 * Admission: how many calls may begin now. It is the minimum of what the rate limiter, the circuit breaker, the limit of calls in
 * flight, BOS' {@code Retry-After}, {@code refund.hours} and a person's pause allow. Thread-safe.
 */
@Singleton
public final class Throttle {
    private static final Logger LOG = Logger.getLogger(Throttle.class);
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final RateLimiter rate;
    private final CircuitBreaker breaker;
    private final ConcurrencyLimit limit;
    private long pausedUntil;
    private long lastPausing;
    private Instant pauseLogged = Instant.MIN;
    private final Hours hours;
    private boolean closed;
    /** A person's pause of this node, or null. */
    private volatile Stop pause;
    private volatile Runnable listener = () -> {
    };

    @Inject
    Throttle(RefundConfig config) {
        this(config.concurrency(), config.rate(), System::nanoTime, InstantSource.system(),
                config.hours().map(Hours::of).orElse(null));
    }

    /**
     * A throttle before the first call.
     *
     * @param concurrency calls that may be in flight
     * @param rate calls that may begin in a second, 0 for no limit
     * @param clock the wall's time
     * @param hours the hours in which calls may begin, or null for all of them
     */
    public Throttle(int concurrency, double rate, LongSupplier nanoTime, InstantSource clock, Hours hours) {
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.hours = hours;
        this.rate = new RateLimiter(rate, nanoTime.getAsLong());
        this.breaker = new CircuitBreaker(clock);
        this.limit = new ConcurrencyLimit(concurrency);
        this.pausedUntil = nanoTime.getAsLong();
    }

    /** Sets a listener that runs whenever more calls may begin, on the thread that caused it. */
    public void onChange(Runnable told) {
        listener = told;
    }

    /** How many calls may begin at this moment. */
    public synchronized int permits() {
        long now = nanoTime.getAsLong();
        if (closed || pausedUntil - now > 0 || standstill().isPresent()) {
            return 0;
        }
        int allowed = Math.min(room(), breaker.permits(now, limit.inFlight()));
        return allowed <= 0 ? 0 : rate.permits(now, allowed);
    }

    /** Nanoseconds until a call may begin by time alone; 0 if one may now, {@link Long#MAX_VALUE} if only an event can allow it. */
    public synchronized long nanosToNextPermit() {
        Optional<Stop> standstill = standstill();
        if (closed || room() <= 0 || standstill.filter(stop -> stop.until() == null).isPresent()) {
            return Long.MAX_VALUE;
        }
        long now = nanoTime.getAsLong();
        long wait = Math.max(breaker.nanosToWait(now, limit.inFlight()), rate.nanosToWait(now));
        return Math.max(0, Math.max(Math.max(wait, pausedUntil - now), standstill
                .map(stop -> Duration.between(clock.instant(), stop.until()).toNanos()).orElse(0L)));
    }

    private int room() {
        return (breaker.isFailing() ? limit.most() : limit.limit()) - limit.inFlight();
    }

    /** A call begins; returns its number, counted from 1. */
    public synchronized long begin() {
        long now = nanoTime.getAsLong();
        limit.begin();
        rate.take(now);
        return breaker.begins(now);
    }

    /** A call ended, which makes room for another. */
    public synchronized void end() {
        limit.end();
    }

    /** BOS answered that call properly, whatever the outcome of the row. */
    public void answered(long call) {
        boolean more;
        synchronized (this) {
            boolean failing = breaker.isFailing();
            more = breaker.answered(call) && (limit.grow() || failing);
        }
        if (more) {
            listener.run();
        }
    }

    /**
     * That call failed in a way in which the next one is likely to fail too.
     *
     * @param reason for the operator; holds no secret and no customer's data
     */
    public void failed(long call, String reason) {
        synchronized (this) {
            if (breaker.failed(call, reason, nanoTime.getAsLong(), limit.inFlight())) {
                limit.reset();
            }
        }
        listener.run();
    }

    /**
     * BOS answered that call with {@code Retry-After}, or 429; after the pause half as many calls may be in flight.
     *
     * @param time how long no call begins
     */
    public void pause(long call, Duration time) {
        synchronized (this) {
            breaker.answered(call);
            pausedUntil = Math.max(pausedUntil, nanoTime.getAsLong() + time.toNanos());
            rate.skipTo(pausedUntil);
            if (call > lastPausing) {
                lastPausing = breaker.lastBegun();
                limit.halve();
                if (pauseLogged.isBefore(clock.instant().minus(QUIET))) {
                    pauseLogged = clock.instant();
                    LOG.infof("BOS asks for a pause of %d s (logged once a minute)", time.toSeconds());
                }
            }
        }
        listener.run();
    }

    /** Whether BOS answered a call that began after that one. */
    public synchronized boolean answeredAfter(long call) {
        return breaker.lastAnswered() > call;
    }

    /** The number of the call that began last. */
    public synchronized long lastBegun() {
        return breaker.lastBegun();
    }

    /** Calls in flight. */
    public synchronized int inFlight() {
        return limit.inFlight();
    }

    /** How many calls may be in flight. */
    public synchronized int limit() {
        return limit.limit();
    }

    /** Whether no call begins because BOS asked for a pause. */
    public synchronized boolean isAskedToPause() {
        return pausedUntil - nanoTime.getAsLong() > 0;
    }

    /** The current outage, if there is one. */
    public synchronized Optional<Trouble> outage() {
        return breaker.outage();
    }

    /** A person pauses this node; calls in flight continue. */
    public void standStill(Stop byPerson) {
        pause = byPerson;
    }

    /** Calls may begin again. */
    public void goOn() {
        pause = null;
        listener.run();
    }

    /** Why no call may begin although BOS is up: a person's pause, or the hours; empty if calls may begin. */
    public Optional<Stop> standstill() {
        Stop byPerson = pause;
        return byPerson == null ? afterHours() : Optional.of(byPerson);
    }

    /** Until when the hours let no call begin, whoever paused; empty within them. */
    public Optional<Stop> afterHours() {
        Instant moment = clock.instant();
        return hours == null || hours.include(moment)
                ? Optional.empty()
                : Optional.of(new Stop(Stop.Kind.HOURS, null, "refund.hours", "calls begin " + hours,
                        hours.next(moment)));
    }

    /** BOS' {@code Retry-After} with its end, or empty if it is over. */
    public synchronized Optional<Stop> retryAfter() {
        long left = pausedUntil - nanoTime.getAsLong();
        return left > 0
                ? Optional.of(new Stop(Stop.Kind.RETRY_AFTER, null, "BOS", "BOS asked for a pause",
                        clock.instant().plusNanos(left)))
                : Optional.empty();
    }

    /** Lets no further call begin, for shutdown; calls in flight continue. */
    public synchronized void close() {
        closed = true;
    }
}
