// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

/**
 * How long to measure. Every round gives each trial one fork, which is a JVM of its own; rounds follow each other, so
 * that the forks of a trial are spread over the run.
 */
enum Pace {
    /** All libraries in less than 12 minutes. */
    QUICK(3, 500, 40),
    /** For published figures. */
    FULL(7, 2_000, 150),
    /** For the verdicts of the build; a failing row is repeated. */
    GATES(2, 500, 30);

    /** Long enough to see contention, short enough to be left alone by the scheduler. */
    static final long BURST_MICROS = 4_000;
    /** For operations that wait for a server: some hundred of them. */
    static final long WAITING_BURST_MICROS = 20_000;

    final int forks;
    final long warmUpMillis;
    /** Of each fork. */
    final int bursts;

    Pace(int forks, long warmUpMillis, int bursts) {
        this.forks = forks;
        this.warmUpMillis = warmUpMillis;
        this.bursts = bursts;
    }
}
