// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class WindowProperties {
    private static BreakerSettings settings(long nanos, int calls, int minimum, double failure, double slow) {
        return new BreakerSettings(nanos, calls, 0, minimum, failure, 1, slow, 1, 1, 1, 1, null);
    }

    private record Call(long at, boolean failed, boolean slow) {}

    /** L4: the count window gives the verdict of a queue of the last n calls, call by call. */
    @Property(tries = 300)
    void countWindow_anyCalls_agreesWithAQueue(
            @ForAll @IntRange(min = 1, max = 200) int size,
            @ForAll @IntRange(min = 1, max = 200) int minimum,
            @ForAll @DoubleRange(min = 0.01, max = 1) double failureRate,
            @ForAll @DoubleRange(min = 0.01, max = 1) double slowRate,
            @ForAll long seed) {
        Random random = new Random(seed);
        double failing = random.nextDouble();
        BreakerSettings settings = settings(0, size, Math.min(minimum, size), failureRate, slowRate);
        Window window = Window.of(settings);
        ArrayDeque<Call> queue = new ArrayDeque<>();
        for (int i = 0; i < 600; i++) {
            Call call = new Call(i, random.nextDouble() < failing, random.nextInt(4) == 0);
            queue.add(call);
            if (queue.size() > size) {
                queue.remove();
            }
            long failed = queue.stream().filter(Call::failed).count();
            long slow = queue.stream().filter(Call::slow).count();
            boolean expected = (call.failed || call.slow)
                    && queue.size() >= settings.minimumCalls()
                    && ((failed >= failureRate * queue.size() && failed > 0)
                            || (slow >= slowRate * queue.size() && slow > 0));
            assertThat(window.record(settings, call.failed, call.slow, i)).isEqualTo(expected);
            assertThat(window.failureRate()).isEqualTo((double) failed / queue.size());
            assertThat(window.slowRate()).isEqualTo((double) slow / queue.size());
        }
    }

    /** G9: what the time window counts lies between the exact counts of the last W - 2 % and the last W. */
    @Property(tries = 300)
    void timeWindow_anyCalls_countsTheWindowWithinTwoPercent(
            @ForAll @LongRange(min = 1_000_000, max = 3_600_000_000_000L) long windowNanos,
            @ForAll @IntRange(min = 1, max = 2_000) int callsPerWindow,
            @ForAll long seed) {
        Random random = new Random(seed);
        BreakerSettings settings = settings(windowNanos, 0, 1_000_000, 1, 1);
        Window window = Window.of(settings);
        ArrayDeque<Call> queue = new ArrayDeque<>();
        long now = seed;
        for (int i = 0; i < 3_000; i++) {
            now += (long) (-Math.log(1 - random.nextDouble()) * windowNanos / callsPerWindow);
            if (random.nextInt(500) == 0) {
                now += (long) (random.nextDouble() * 3 * windowNanos); // a rest
            }
            Call call = new Call(now, random.nextInt(3) == 0, random.nextInt(5) == 0);
            window.record(settings, call.failed, call.slow, now);
            queue.add(call);
            while (now - queue.element().at > windowNanos) {
                queue.remove();
            }
            long end = now;
            long least = windowNanos - windowNanos / 50;
            long failedMost = queue.stream().filter(Call::failed).count();
            long failedLeast =
                    queue.stream().filter(c -> c.failed && end - c.at < least).count();
            long all = queue.size();
            long allLeast = queue.stream().filter(c -> end - c.at < least).count();
            double rate = window.failureRate();
            // The rate is failures / calls with both counts within their bounds.
            assertThat(rate).isBetween((double) failedLeast / all, (double) failedMost / allLeast);
        }
    }
}
