// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.CircuitBreaker.State;

/**
 * One immutable state of a breaker. The breaker moves by swapping one reference, so a state, its generation, its times
 * and its probes can never be seen half-changed, and nothing needs to be undone.
 *
 * <p>The generation grows with every change of {@link State} and is part of every token: a verdict that carries another
 * generation changes nothing. Within a half-open generation the lease grows whenever probes are given up for lost:
 * a late probe of an earlier lease may still vote, as it is news of the dependency now, but no longer frees a place.
 *
 * <p>A closed phase owns the window that its calls report to. Calls that outlive the phase report to nobody.
 */
final class Phase {
    private static final int LEASE_BITS = 16;

    final State state;
    final long generation;
    /** Names this generation and lease. */
    final long token;
    /** Open: when probing begins. Half-open: when the probes under way are given up. */
    final long untilNanos;
    /** How often in a row the breaker has opened without closing in between. */
    final int openings;
    /** Probes of this lease that are under way, and the verdicts of this generation. */
    final int inFlight;

    final int good;
    final int bad;
    final Window window;
    final BreakerSettings settings;

    private Phase(
            State state,
            long generation,
            int lease,
            long until,
            int openings,
            int inFlight,
            int good,
            int bad,
            Window window,
            BreakerSettings settings) {
        this.settings = settings;
        this.state = state;
        this.generation = generation;
        this.token = generation << LEASE_BITS | lease;
        this.untilNanos = until;
        this.openings = openings;
        this.inFlight = inFlight;
        this.good = good;
        this.bad = bad;
        this.window = window;
    }

    static Phase first(BreakerSettings settings) {
        return new Phase(State.CLOSED, 0, 0, 0, 0, 0, 0, 0, Window.of(settings), settings);
    }

    /** Closed, disabled or forced open, with a new window. */
    Phase to(State next) {
        return new Phase(next, generation + 1, 0, 0, 0, 0, 0, 0, Window.of(settings), settings);
    }

    Phase open(long until) {
        return new Phase(State.OPEN, generation + 1, 0, until, openings + 1, 0, 0, 0, window, settings);
    }

    /** The same with other thresholds; nothing is forgotten, and every token stays good. */
    Phase with(BreakerSettings next) {
        return new Phase(state, generation, lease(), untilNanos, openings, inFlight, good, bad, window, next);
    }

    /** Half-open with the first probe under way. */
    Phase probing(long leaseEnd) {
        return new Phase(State.HALF_OPEN, generation + 1, 0, leaseEnd, openings, 1, 0, 0, window, settings);
    }

    /** One more probe under way. */
    Phase probed() {
        return new Phase(
                State.HALF_OPEN, generation, lease(), untilNanos, openings, inFlight + 1, good, bad, window, settings);
    }

    /** The probes under way are given up, and a new one is under way. */
    Phase leased(long leaseEnd) {
        int next = (lease() + 1) & ((1 << LEASE_BITS) - 1);
        return new Phase(State.HALF_OPEN, generation, next, leaseEnd, openings, 1, good, bad, window, settings);
    }

    /** A probe has come back with these votes, of which at most one is 1. */
    Phase returned(long voter, int goodVotes, int badVotes) {
        return new Phase(
                State.HALF_OPEN,
                generation,
                lease(),
                untilNanos,
                openings,
                voter == token ? inFlight - 1 : inFlight,
                good + goodVotes,
                bad + badVotes,
                window,
                settings);
    }

    private int lease() {
        return (int) (token & ((1 << LEASE_BITS) - 1));
    }

    static long generationOf(long token) {
        return token >>> LEASE_BITS;
    }
}
