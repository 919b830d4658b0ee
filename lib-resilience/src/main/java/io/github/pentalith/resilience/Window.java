// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/** What a closed breaker has seen of late. A window belongs to one closed phase and ends with it. */
abstract class Window {
    static Window of(BreakerSettings settings) {
        if (settings.consecutiveFailures() > 0) {
            return new Streak();
        }
        return settings.windowNanos() > 0
                ? new TimeWindow(settings.windowNanos())
                : new CountWindow(settings.windowCalls(), settings.slowNanos() > 0);
    }

    /**
     * Counts one call.
     *
     * @param now when it ended; only the time window looks at it
     * @return true if the breaker is to open: never on a call that was neither failed nor slow, for which nobody may have
     *     read the clock
     */
    abstract boolean record(BreakerSettings settings, boolean failed, boolean slow, long now);

    /** Share of failures, NaN if there are no calls. */
    abstract double failureRate();

    /** Share of slow calls, NaN if there are no calls. */
    abstract double slowRate();

    static boolean tooMany(BreakerSettings settings, long calls, long failures, long slow) {
        return calls >= settings.minimumCalls()
                && ((failures > 0 && failures >= settings.failureRate() * calls)
                        || (slow > 0 && slow >= settings.slowRate() * calls));
    }

    static double rate(long part, long calls) {
        return calls == 0 ? Double.NaN : (double) part / calls;
    }
}
