// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class QuotaProperties {
    @Provide
    Arbitrary<int[]> weights() {
        return Arbitraries.integers()
                .between(1, 60)
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    @Provide
    Arbitrary<int[]> hugeWeights() {
        return Arbitraries.integers()
                .between(1, 1_000_000)
                .array(int[].class)
                .ofMinSize(2)
                .ofMaxSize(30);
    }

    /** The largest distance of a count from its quota over all prefixes, in requests. */
    private static double worstError(int[] weights, int[] picks, int rounds) {
        long sum = Arrays.stream(weights).asLongStream().sum();
        long[] counts = new long[weights.length];
        double worst = 0;
        long time = 0;
        for (int round = 0; round < rounds; round++) {
            for (int pick : picks) {
                time++;
                counts[pick]++;
                for (int i = 0; i < weights.length; i++) {
                    worst = Math.max(worst, Math.abs(counts[i] - (double) time * weights[i] / sum));
                }
            }
        }
        return worst;
    }

    @Property(tries = 300)
    void table_anyWeightsAndAnyFirstPick_errsByLessThanOneRequest(
            @ForAll("weights") int[] weights, @ForAll @IntRange(max = 1_000) int start) {
        int first = start % weights.length;

        int[] table = Quota.table(first, weights);

        assertThat(table[0]).isEqualTo(first);
        assertThat(worstError(weights, table, 2)).isLessThan(1);
    }

    @Property(tries = 200)
    void table_onePeriod_hasEachExactlyByItsWeight(@ForAll("weights") int[] weights) {
        int[] table = Quota.table(0, weights);

        long sum = Arrays.stream(weights).asLongStream().sum();
        for (int i = 0; i < weights.length; i++) {
            int which = i;
            long picks = Arrays.stream(table).filter(pick -> pick == which).count();
            assertThat(picks * sum).isEqualTo((long) weights[i] * table.length);
        }
    }

    @Property(tries = 100)
    void table_weightsTimesAConstant_isTheSame(
            @ForAll("weights") int[] weights, @ForAll @IntRange(min = 2, max = 1_000) int factor) {
        int[] scaled = Arrays.stream(weights).map(weight -> weight * factor).toArray();

        assertThat(Quota.table(0, scaled)).isEqualTo(Quota.table(0, weights));
        assertThat(Quota.period(scaled)).isEqualTo(Quota.period(weights));
    }

    @Property(tries = 60)
    void stream_hugeWeights_errsByLessThanOneRequest(@ForAll("hugeWeights") int[] weights) {
        Quota quota = Quota.startingWith(weights.length - 1, weights);
        int[] picks = new int[20_000];

        assertThat(quota.fill(picks)).isTrue();

        assertThat(picks[0]).isEqualTo(weights.length - 1);
        assertThat(worstError(weights, picks, 1)).isLessThan(1);
    }

    @Property(tries = 60)
    void stream_acrossPeriodsAndCopies_goesOnAsIfUninterrupted(@ForAll("weights") int[] weights) {
        Quota whole = Quota.startingWith(0, weights);
        Quota parts = Quota.startingWith(0, weights);
        int[] expected = new int[3 * Math.toIntExact(Quota.period(weights))];
        assertThat(whole.fill(expected)).isTrue();

        for (int from = 0; from < expected.length; from += 7) {
            int[] part = new int[Math.min(7, expected.length - from)];
            parts = parts.copy();
            assertThat(parts.fill(part)).isTrue();
            assertThat(part).isEqualTo(Arrays.copyOfRange(expected, from, from + part.length));
        }
        assertThat(worstError(weights, expected, 1)).isLessThan(1);
    }
}
