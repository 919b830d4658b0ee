// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

/**
 * How long to measure. Every round gives each trial one fork, which is a JVM of its own; rounds follow each other, so
 * that the forks of a trial are spread over the run.
 */
enum Pace {
    /** All libraries in less than 12 minutes: two forks that agree are enough, others get up to three more. */
    QUICK(2, 3, 300, 4),
    /** For published figures. */
    FULL(6, 6, 2_000, 12),
    /** For the verdicts of the build; a failing row is repeated. */
    GATES(2, 1, 300, 4);

    /** Long enough to see contention, short enough to be left alone by the scheduler. */
    static final long BURST_MICROS = 4_000;
    /** For operations that wait for a server: some hundred of them. */
    static final long WAITING_BURST_MICROS = 10_000;
    /** Those at the begin of a turn that do not count: the subjects before have left the caches full of their things. */
    static final int LEAD_IN = 3;
    /** Those of a turn that count. */
    static final int BURSTS = 10;

    final int forks;
    /** At most so many more, for trials whose least figure no second fork confirms. */
    final int moreForks;

    final long warmUpMillis;
    /** Of each fork. */
    final int turns;

    Pace(int forks, int moreForks, long warmUpMillis, int turns) {
        this.forks = forks;
        this.moreForks = moreForks;
        this.warmUpMillis = warmUpMillis;
        this.turns = turns;
    }
}
