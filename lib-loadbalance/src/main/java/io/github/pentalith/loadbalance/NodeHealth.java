// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What the verdicts say about one node. Verdicts come from any thread; all else is the rebuilding thread's. */
final class NodeHealth {
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private long lastSuccesses;
    private long lastFailures;

    /** Why this node should be ejected, until that is decided. */
    volatile @Nullable String wish;

    private volatile boolean ejected;
    private volatile String why = "";
    long ejectedUntil;
    int ejections;
    long calls; // of the last interval
    private double rate;

    void succeeded() {
        successes.increment();
        if (failuresInARow.getPlain() != 0) { // written only when that changes anything: the line stays shared
            failuresInARow.set(0);
        }
    }

    int failed() {
        failures.increment();
        return failuresInARow.incrementAndGet();
    }

    void endInterval() {
        long succeeded = successes.sum();
        long failed = failures.sum();
        calls = succeeded - lastSuccesses + failed - lastFailures;
        rate = calls == 0 ? 1 : (succeeded - lastSuccesses) / (double) calls;
        lastSuccesses = succeeded;
        lastFailures = failed;
    }

    double successRate() {
        return rate;
    }

    boolean ejected() {
        return ejected;
    }

    String why() {
        return why;
    }

    void eject(String reason, long now, long duration) {
        ejections++;
        ejectedUntil = now + duration;
        why = reason;
        ejected = true;
    }

    void readmit() {
        ejected = false;
        forgive();
    }

    void forgive() {
        failuresInARow.set(0);
    }
}
