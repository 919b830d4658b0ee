// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.CircuitBreaker.Observer;
import io.github.pentalith.resilience.CircuitBreaker.State;
import io.github.pentalith.resilience.CircuitBreaker.Stats;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine in a {@link CircuitBreaker}. Its state is one reference to an immutable {@link Phase}; every change is one
 * compare-and-set of it, and who wins it announces the change. A closed or disabled breaker only reads the reference.
 */
final class BreakerGate implements Admission {
    private static final Logger LOG = LoggerFactory.getLogger(CircuitBreaker.class);
    private static final double JITTER = 0.2;
    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(BreakerGate.class, "phase", Phase.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Logger log;
    private final String name;
    private final LongSupplier ticker;
    private final @Nullable RandomGenerator random;
    private final Contained<Observer> observer;
    private final boolean timed;
    private volatile Phase phase;

    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder slow = new LongAdder();
    private final LongAdder released = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder opened = new LongAdder();

    BreakerGate(
            String name,
            BreakerSettings settings,
            LongSupplier ticker,
            @Nullable RandomGenerator random,
            @Nullable Observer observer) {
        this(name, settings, ticker, random, observer, LOG);
    }

    /** With a log of its own: model checkers are not to walk through a logging library. */
    BreakerGate(
            String name,
            BreakerSettings settings,
            LongSupplier ticker,
            @Nullable RandomGenerator random,
            @Nullable Observer observer,
            Logger log) {
        this.log = log;
        this.name = name;
        this.timed = settings.timed();
        this.ticker = ticker;
        this.random = random;
        this.observer = new Contained<>(log, name, observer);
        this.phase = Phase.first(settings);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RejectedCallException.Reason reason() {
        return RejectedCallException.Reason.BREAKER_OPEN;
    }

    @Override
    public boolean timed() {
        return timed;
    }

    State state() {
        return phase.state;
    }

    BreakerSettings settings() {
        return phase.settings;
    }

    @Override
    public long tryAcquire(long nowNanos) {
        Phase now = phase;
        State state = now.state;
        return state == State.CLOSED || state == State.DISABLED ? now.token : probe(now, nowNanos);
    }

    private long probe(Phase first, long now) {
        for (Phase current = first; ; current = phase) {
            switch (current.state) {
                case CLOSED, DISABLED -> {
                    return current.token;
                }
                case FORCED_OPEN -> {
                    return refused(now, UNKNOWN_WAIT);
                }
                case OPEN -> {
                    if (now == UNTIMED || current.untilNanos - now > 0) {
                        return refused(now, now - current.untilNanos);
                    }
                    Phase next = current.probing(now + current.settings.leaseNanos());
                    if (swap(current, next)) {
                        return next.token;
                    }
                }
                case HALF_OPEN -> {
                    boolean room = current.inFlight + current.good + current.bad < current.settings.probes();
                    if (!room && (now == UNTIMED || current.untilNanos - now > 0)) {
                        return refused(now, now - current.untilNanos);
                    }
                    Phase next = room ? current.probed() : current.leased(now + current.settings.leaseNanos());
                    if (swap(current, next)) {
                        return next.token;
                    }
                }
            }
        }
    }

    /** A refusal without the time is not final and not counted. */
    private long refused(long now, long answer) {
        if (now == UNTIMED) {
            return UNKNOWN_WAIT;
        }
        rejected.increment();
        return answer;
    }

    @Override
    public void success(long token, long startNanos, long endNanos) {
        boolean late = late(startNanos, endNanos);
        successes.increment();
        verdict(token, false, late, endNanos);
    }

    @Override
    public void failure(long token, long startNanos, long endNanos, Throwable error) {
        if (counts(error)) {
            failures.increment();
            verdict(token, true, late(startNanos, endNanos), endNanos);
        } else {
            success(token, startNanos, endNanos);
        }
    }

    private boolean late(long start, long end) {
        long slowNanos = phase.settings.slowNanos();
        if (slowNanos == 0 || end - start < slowNanos) {
            return false;
        }
        slow.increment();
        return true;
    }

    /** What the user's predicate throws makes the call a failure. */
    @SuppressWarnings("CatchingUnchecked")
    private boolean counts(Throwable error) {
        var predicate = phase.settings.failure();
        if (predicate == null || Outcomes.isBadResult(error) || error instanceof Error) {
            return true;
        }
        try {
            return predicate.test(error);
        } catch (Exception e) {
            observer.failed(e);
            return true;
        }
    }

    private void verdict(long token, boolean failed, boolean late, long now) {
        Phase current = phase;
        if (current.token == token && current.state == State.CLOSED) {
            if (current.window.record(current.settings, failed, late, now)) {
                swap(current, current.open(openUntil(current, now)));
            }
        } else {
            vote(token, failed || late, now);
        }
    }

    private void vote(long token, boolean bad, long now) {
        while (true) {
            Phase current = phase;
            if (current.generation != Phase.generationOf(token)) {
                stale.increment();
                return;
            }
            if (current.state != State.HALF_OPEN) {
                return; // a call that a disabled breaker let through
            }
            Phase next = current.returned(token, bad ? 0 : 1, bad ? 1 : 0);
            if (next.bad >= next.settings.badProbes()) {
                next = current.open(openUntil(current, now));
            } else if (next.good >= next.settings.goodProbes()) {
                next = current.to(State.CLOSED);
            }
            if (swap(current, next)) {
                return;
            }
        }
    }

    @Override
    public void release(long token) {
        released.increment();
        while (true) {
            Phase current = phase;
            if (current.state != State.HALF_OPEN
                    || current.token != token
                    || swap(current, current.returned(token, 0, 0))) {
                return;
            }
        }
    }

    /** Doubles with every opening in a row, up to the maximum, and varies by a fifth so that clients spread. */
    private long openUntil(Phase from, long now) {
        long time = now == UNTIMED ? Gate.tick(ticker) : now;
        int openings = from.openings;
        long open = from.settings.openNanos();
        long max = from.settings.openMaxNanos();
        if (max > open) {
            open = openings >= 62 || open > max >> openings ? max : open << openings;
            RandomGenerator source = random == null ? ThreadLocalRandom.current() : random;
            open = (long) (open * (1 - JITTER + 2 * JITTER * source.nextDouble()));
        }
        return time + Math.max(1, open);
    }

    /** Moves to a state by hand. */
    void force(State state) {
        while (true) {
            Phase current = phase;
            if (swap(current, current.to(state))) {
                return;
            }
        }
    }

    /** Changes the thresholds; what the function makes of those now may be thrown away and made again. */
    void adjust(UnaryOperator<BreakerSettings> change) {
        while (true) {
            Phase current = phase;
            if (swap(current, current.with(change.apply(current.settings)))) {
                return;
            }
        }
    }

    CircuitBreaker.Builder builder(BreakerSettings from) {
        return new CircuitBreaker.Builder(name, from, ticker, random, observer.target());
    }

    private boolean swap(Phase from, Phase to) {
        if (!PHASE.compareAndSet(this, from, to)) {
            return false;
        }
        if (from.state != to.state) {
            announce(from, to);
        }
        return true;
    }

    private void announce(Phase from, Phase to) {
        if (to.state == State.OPEN) {
            opened.increment();
            log.warn(
                    "breaker '{}' {} -> OPEN (failureRate={}, slowRate={}, opening {} in a row)",
                    name,
                    from.state,
                    from.window.failureRate(),
                    from.window.slowRate(),
                    to.openings);
        } else {
            log.info("breaker '{}' {} -> {}", name, from.state, to.state);
        }
        Observer listener = observer.target();
        if (listener != null) {
            try {
                listener.onStateChange(name, from.state, to.state);
            } catch (Throwable e) {
                observer.failed(e);
            }
        }
    }

    Stats stats() {
        Phase current = phase;
        return new Stats(
                name,
                current.state,
                successes.sum(),
                failures.sum(),
                slow.sum(),
                released.sum(),
                rejected.sum(),
                stale.sum(),
                opened.sum(),
                current.window.failureRate(),
                current.window.slowRate());
    }

    @Override
    public String toString() {
        return "CircuitBreaker[" + name + ", " + state() + ", " + settings() + "]";
    }
}
