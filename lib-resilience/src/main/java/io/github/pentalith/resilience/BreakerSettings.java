// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The thresholds of a breaker, checked.
 *
 * @param windowNanos length of the time window, 0 if calls are counted
 * @param windowCalls length of the count window, 0 if time is
 * @param consecutiveFailures failures in a row that open, 0 if a window decides
 * @param slowNanos from what time on a call is slow, 0 if no matter
 */
record BreakerSettings(
        long windowNanos,
        int windowCalls,
        int consecutiveFailures,
        int minimumCalls,
        double failureRate,
        long slowNanos,
        double slowRate,
        long openNanos,
        long openMaxNanos,
        int probes,
        long leaseNanos,
        @Nullable Predicate<? super Throwable> failure) {

    /** How many bad probes open again: as many as reach the failure rate among all probes. */
    int badProbes() {
        return Math.max(1, (int) Math.ceil(failureRate * probes));
    }

    /** How many good probes close: as many as make a bad end impossible. */
    int goodProbes() {
        return probes - badProbes() + 1;
    }

    boolean timed() {
        return windowNanos > 0 || slowNanos > 0;
    }

    String window() {
        if (consecutiveFailures > 0) {
            return "none";
        }
        return windowNanos > 0 ? Duration.ofNanos(windowNanos).toString() : windowCalls + " calls";
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (consecutiveFailures > 0) {
            text.append("consecutiveFailures=").append(consecutiveFailures);
        } else {
            text.append("window=").append(window());
            text.append(", minimumCalls=").append(minimumCalls);
        }
        text.append(", failureRate=").append(failureRate);
        if (slowNanos > 0) {
            text.append(", slowCalls=")
                    .append(Duration.ofNanos(slowNanos))
                    .append('/')
                    .append(slowRate);
        }
        text.append(", openFor=").append(Duration.ofNanos(openNanos));
        if (openMaxNanos > openNanos) {
            text.append("..").append(Duration.ofNanos(openMaxNanos));
        }
        return text.append(", probes=")
                .append(probes)
                .append(", probeLease=")
                .append(Duration.ofNanos(leaseNanos))
                .toString();
    }
}
