// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Says after each step what came out and how long the rest will take, judged by the steps so far. */
final class Progress {
    private int steps;
    private final LongSupplier ticker;
    private final PrintStream out;
    private final long begin;
    private int done;

    Progress(int steps, LongSupplier ticker, PrintStream out) {
        this.steps = steps;
        this.ticker = ticker;
        this.out = out;
        this.begin = ticker.getAsLong();
    }

    void expect(int more) {
        steps += more;
    }

    void step(String what) {
        done++;
        long elapsed = ticker.getAsLong() - begin;
        Duration left = Duration.ofNanos(elapsed / done * Math.max(0, steps - done));
        out.printf(
                Locale.ROOT, "[%3d/%d, %d:%02d left] %s%n", done, steps, left.toMinutes(), left.toSecondsPart(), what);
        out.flush();
    }
}
