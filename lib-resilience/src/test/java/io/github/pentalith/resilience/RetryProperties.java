// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class RetryProperties {
    /** L7: within the bounds of its jitter, without overflow, for any attempt. */
    @Property
    void backoff_anyAttempt_staysWithinItsBounds(
            @ForAll @LongRange(min = 1, max = Long.MAX_VALUE / 2 - 1_000_000_000) long base,
            @ForAll @LongRange(min = 1, max = Long.MAX_VALUE / 2 - 1_000_000_000) long cap,
            @ForAll @IntRange(min = 1, max = 1_000_000) int attempt,
            @ForAll long seed) {
        long most = Math.max(base, cap);
        Backoff backoff = Backoff.exponential(Duration.ofNanos(base)).cap(Duration.ofNanos(most));
        long exact = attempt > 62 || base > most >> (attempt - 1) ? most : base << (attempt - 1);
        SplittableRandom random = new SplittableRandom(seed);
        assertThat(backoff.noJitter().delayNanos(attempt, random)).isEqualTo(exact);
        assertThat(backoff.delayNanos(attempt, random)).isBetween(0L, exact);
        assertThat(backoff.equalJitter().delayNanos(attempt, random)).isBetween(exact - exact / 2, exact);
    }

    /** L7: the jitter is even, by Kolmogorov and Smirnov over 10^5 draws (1.95 / sqrt(n) is p = 0.001). */
    @Example
    void jitter_overManyDraws_isEven() {
        SplittableRandom random = new SplittableRandom(7);
        Backoff full = Backoff.exponential(Duration.ofMillis(100));
        assertEven(full, random, 0, 100_000_000);
        assertEven(full.equalJitter(), random, 50_000_000, 100_000_000);
    }

    private static void assertEven(Backoff backoff, SplittableRandom random, double low, double high) {
        int n = 100_000;
        double[] draws = new double[n];
        for (int i = 0; i < n; i++) {
            draws[i] = (backoff.delayNanos(1, random) - low) / (high - low);
        }
        Arrays.sort(draws);
        double distance = 0;
        for (int i = 0; i < n; i++) {
            distance = Math.max(distance, Math.max((i + 1.0) / n - draws[i], draws[i] - (double) i / n));
        }
        assertThat(distance).isLessThan(1.95 / Math.sqrt(n));
    }

    /** L8, G11: attempts <= calls * (1 + ratio) + reserve, for every pattern of failures, at every moment. */
    @Property(tries = 200)
    void budget_anyPattern_boundsAmplification(
            @ForAll @DoubleRange(min = 0, max = 1) double ratio,
            @ForAll @IntRange(min = 0, max = 20) int reserve,
            @ForAll @IntRange(min = 2, max = 10) int maxAttempts,
            @ForAll long seed) {
        Random random = new Random(seed);
        RetryBudget budget = RetryBudget.of(ratio, reserve);
        Pipeline pipeline = Pipeline.builder("p")
                .retry(Retry.of(maxAttempts, Backoff.none()).budget(budget))
                .build();
        int[] attempts = {0};
        double failing = random.nextDouble();
        for (int calls = 1; calls <= 500; calls++) {
            if (random.nextInt(50) == 0) {
                failing = random.nextInt(3) / 2.0;
            }
            double now = failing;
            try {
                pipeline.run(() -> {
                    attempts[0]++;
                    if (random.nextDouble() < now) {
                        throw new IOException();
                    }
                });
            } catch (IOException e) {
                assertThat(e.getSuppressed().length).isLessThanOrEqualTo(8);
            }
            assertThat((double) attempts[0]).isLessThanOrEqualTo(calls * (1 + ratio + 1e-6) + reserve);
        }
        assertThat(budget.stats().withdrawn()).isEqualTo(attempts[0] - 500);
    }

    /** G11: three tiers with retries at each make no more attempts than one. */
    @Property(tries = 50)
    void nestedPipelines_inAnOutage_doNotMultiply(@ForAll @IntRange(min = 2, max = 5) int maxAttempts) {
        Retry retry = Retry.of(maxAttempts, Backoff.none()).on(IOException.class);
        Pipeline outer = Pipeline.builder("outer").retry(retry).build();
        Pipeline middle = Pipeline.builder("middle").retry(retry).build();
        Pipeline inner = Pipeline.builder("inner").retry(retry).build();
        int[] attempts = {0};
        int calls = 300;
        for (int i = 0; i < calls; i++) {
            try {
                outer.run(() -> middle.run(() -> inner.run(() -> {
                    attempts[0]++;
                    throw new IOException();
                })));
            } catch (IOException e) {
                assertThat(e).isNotNull();
            }
        }
        assertThat(attempts[0])
                .isLessThanOrEqualTo((int) (calls * 1.1 + 10) + 1)
                .isGreaterThan(calls);
    }
}
