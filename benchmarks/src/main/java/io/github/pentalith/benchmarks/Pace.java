// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How long to measure. Every round runs each trial once, in a JVM of its own; rounds follow each other, so that the
 * iterations of a trial are spread over the run.
 */
enum Pace {
    /** All libraries in less than 12 minutes. */
    QUICK(2, 2, 3, 400, 800, 60),
    /** For published figures. */
    FULL(5, 5, 6, 1_000, 3_000, 200),
    /** For the verdicts of the build; a failing row is repeated. */
    GATES(1, 2, 4, 300, 800, 60);

    /** Long enough to see contention, short enough to be left alone by the scheduler. */
    static final long BURST_MICROS = 4_000;

    final int rounds;
    /** One thread: JMH's iterations. */
    final int warmUps;

    final int iterations;
    final TimeValue iterationTime;
    /** Several threads: bursts. */
    final long warmUpMillis;

    final int bursts;

    Pace(int rounds, int warmUps, int iterations, long iterationMillis, long warmUpMillis, int bursts) {
        this.rounds = rounds;
        this.warmUps = warmUps;
        this.iterations = iterations;
        this.iterationTime = TimeValue.milliseconds(iterationMillis);
        this.warmUpMillis = warmUpMillis;
        this.bursts = bursts;
    }
}
