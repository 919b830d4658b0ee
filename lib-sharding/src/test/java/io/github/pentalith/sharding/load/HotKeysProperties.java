// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Law L23: the bounds of every count hold always, and no hot key is missed. */
class HotKeysProperties {
    /** Keys of which many have the same hash code, so that the table is full of detours. */
    private record Clashing(int number) {
        @Override
        public int hashCode() {
            return number % 7;
        }
    }

    @Property(tries = 200)
    void counts_ofAnyStream_boundTheTruth(
            @ForAll @IntRange(min = 1, max = 40) int counters,
            @ForAll @IntRange(min = 1, max = 120) int distinct,
            @ForAll boolean fading,
            @ForAll long seed) {
        Random random = new Random(seed);
        HotKeys<Clashing> hot =
                HotKeys.<Clashing>builder("t").counters(counters).build();
        Map<Clashing, Double> truth = new HashMap<>();
        double total = 0;
        for (int i = 0; i < 3_000; i++) {
            // The square prefers small numbers; later the taste turns.
            double u = random.nextDouble();
            int number = (int) (u * u * distinct);
            Clashing key = new Clashing(i < 1_500 ? number : distinct - number);
            hot.record(key);
            truth.merge(key, 1.0, Double::sum);
            total++;
            if (fading && random.nextInt(400) == 0) {
                hot.fade();
                truth.replaceAll((any, count) -> count / 2);
                total /= 2;
            }
        }
        List<HotKey<Clashing>> top = hot.top(counters);
        assertThat(top).hasSize(Math.min(counters, truth.size()));
        Map<Clashing, HotKey<Clashing>> found = new HashMap<>();
        long least = Long.MAX_VALUE;
        long before = Long.MAX_VALUE;
        for (HotKey<Clashing> key : top) {
            assertThat(found.put(key.key(), key)).isNull();
            assertThat(key.count()).isLessThanOrEqualTo(before);
            double count = truth.get(key.key());
            assertThat(count).isBetween((double) (key.count() - key.error()), (double) key.count());
            assertThat(key.share()).isCloseTo(key.count() / total, within(1e-9));
            before = key.count();
            least = Math.min(least, key.count());
        }
        double floor = least;
        truth.forEach((key, count) -> {
            if (!found.containsKey(key)) {
                assertThat(count)
                        .as("what is not among them had no more than the least")
                        .isLessThanOrEqualTo(floor);
            }
        });
        if (!fading) {
            assertThat(top.stream().mapToLong(HotKey::count).sum()).isEqualTo(3_000);
            truth.forEach((key, count) -> {
                if (count > 3_000.0 / counters) {
                    assertThat(found).containsKey(key);
                }
            });
        }
        assertThat(hot.stats()).isEqualTo(new HotKeys.Stats(3_000, 0, top.size()));
    }

    /** Every key above 1 % of a Zipf stream is found by 128 counters, also when one in 16 calls is looked at. */
    @Property(tries = 6)
    void top_ofAZipfStream_hasEveryKeyAboveOnePercent(@ForAll boolean sampled, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int keys = 20_000;
        double[] cumulative = new double[keys];
        double sum = 0;
        for (int i = 0; i < keys; i++) {
            sum += 1.0 / (i + 1);
            cumulative[i] = sum;
        }
        HotKeys<Integer> hot = HotKeys.<Integer>builder("zipf")
                .counters(128)
                .sampleOneIn(sampled ? 16 : 1)
                .random(random)
                .build();
        int calls = sampled ? 800_000 : 100_000;
        for (int i = 0; i < calls; i++) {
            int at = java.util.Arrays.binarySearch(cumulative, random.nextDouble() * sum);
            hot.record(at < 0 ? -at - 1 : at);
        }
        List<Integer> found = hot.top(128).stream()
                .filter(key -> key.share() > 0.007) // eight sigma below the least of them, when sampled
                .map(HotKey::key)
                .toList();
        for (int i = 0; 1.0 / (i + 1) / sum >= 0.01; i++) {
            assertThat(found).contains(i);
        }
        assertThat(hot.top(1).get(0).share()).isCloseTo(1 / sum, within(0.02));
        long samples = hot.stats().samples();
        assertThat((double) samples * (sampled ? 16 : 1)).isCloseTo(calls, within(calls * 0.03));
    }

    @Example
    void record_fromManyThreads_countsOrSaysItSkipped() throws Exception {
        HotKeys<String> hot = HotKeys.<String>builder("threads").counters(8).build();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String own = "own-" + t;
            threads.add(new Thread(() -> {
                for (int i = 0; i < 50_000; i++) {
                    hot.record(i % 2 == 0 ? "shared" : own);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (int i = 0; i < 100; i++) {
            assertThat(hot.top(8)).hasSizeLessThanOrEqualTo(5);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        HotKeys.Stats stats = hot.stats();
        assertThat(stats.samples() + stats.skipped()).isEqualTo(200_000);
        assertThat(hot.top(8)).allSatisfy(key -> assertThat(key.error()).isZero());
        assertThat(hot.top(8).stream().mapToLong(HotKey::count).sum()).isEqualTo(stats.samples());
    }

    @Example
    void builder_badArguments_areRefused() {
        for (int counters : new int[] {0, -1, (1 << 20) + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> HotKeys.builder("x").counters(counters))
                    .withMessage("counters must be in range: counters=%d (expected: 1 to 1,048,576)", counters);
        }
        for (int calls : new int[] {0, 3, 1 << 17}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> HotKeys.builder("x").sampleOneIn(calls))
                    .withMessage("sampleOneIn must be a power of two: sampleOneIn=%d (expected: 1 to 65,536)", calls);
        }
        HotKeys<String> hot = HotKeys.<String>builder("x").sampleOneIn(4).build();
        assertThat(hot).hasToString("HotKeys[x, counters=128, sampleOneIn=4]");
        assertThat(hot.top(3)).isEmpty();
        hot.fade();
        assertThatNullPointerException().isThrownBy(() -> hot.record(null)).withMessage("key");
        assertThatNullPointerException().isThrownBy(() -> HotKeys.builder(null)).withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> HotKeys.builder("x").random(null))
                .withMessage("random");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> hot.top(0))
                .withMessage("most must be positive: most=0 (expected: 1 or more)");
    }
}
