// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class RateLimiterProperties {
    private record Grant(long at, int permits) {}

    /** G10: in every interval, however placed, at most burst + rate * d. */
    static void assertLaw(List<Grant> grants, Rate rate) {
        // The worst interval from each grant on is found by the bucket that drains: a violation anywhere is one here.
        long nanos = rate.per().toNanos();
        double level = 0;
        long last = grants.isEmpty() ? 0 : grants.get(0).at;
        for (Grant grant : grants) {
            level = Math.max(0, level - (double) (grant.at - last) * rate.count() / nanos) + grant.permits;
            last = grant.at;
            assertThat(level).isLessThanOrEqualTo(rate.burst() + 1e-6);
        }
    }

    private static List<Grant> flood(Rate rate, long origin, long seed, int arrivals) {
        AtomicLong now = new AtomicLong(origin);
        Random random = new Random(seed);
        RateLimiter limiter = RateLimiter.of("r", rate, now::get);
        long interval = rate.intervalNanos();
        List<Grant> grants = new ArrayList<>();
        for (int i = 0; i < arrivals; i++) {
            now.addAndGet(
                    switch (random.nextInt(8)) {
                        case 0 -> interval;
                        case 1 -> (long) (random.nextDouble() * 3 * interval);
                        case 2 -> random.nextInt(100) == 0 ? 20 * interval : 0;
                        default -> (long) (random.nextDouble() * interval / 4);
                    });
            int permits = 1 + random.nextInt((int) Math.min(3, rate.burst()));
            long wait = limiter.tryAcquireNanos(permits);
            assertThat(wait).isNotNegative();
            if (wait == 0) {
                grants.add(new Grant(now.get() - origin, permits));
            }
        }
        assertThat(limiter.stats().granted())
                .isEqualTo(grants.stream().mapToInt(Grant::permits).sum());
        assertThat(limiter.stats().rejected()).isEqualTo(arrivals - grants.size());
        return grants;
    }

    @Property(tries = 200)
    void grants_inEveryInterval_stayWithinTheLaw(
            @ForAll @LongRange(min = 1, max = 2_000_000) long count,
            @ForAll @LongRange(min = 1, max = 1_000) long burst,
            @ForAll @IntRange(min = 1, max = 100) int seconds,
            @ForAll long origin,
            @ForAll long seed) {
        Rate rate = Rate.of(count, Duration.ofSeconds(seconds)).burst(burst);
        assertLaw(flood(rate, origin, seed, 3_000), rate);
    }

    @Property(tries = 2)
    void grants_ofAMillionArrivals_stayWithinTheLaw(@ForAll long seed) {
        Rate rate = Rate.perSecond(1000).burst(50);
        assertLaw(flood(rate, seed, seed, 500_000), rate);
    }

    /** L9: with a whole interval the limiter is the exact leaky bucket, and the wait it names is exact. */
    @Property(tries = 200)
    void limiter_withWholeInterval_equalsALeakyBucket(
            @ForAll @LongRange(min = 1, max = 10_000) long interval,
            @ForAll @IntRange(min = 1, max = 50) int burst,
            @ForAll long origin,
            @ForAll long seed) {
        Random random = new Random(seed);
        AtomicLong now = new AtomicLong(origin);
        RateLimiter limiter = RateLimiter.of("r", new Rate(1, Duration.ofNanos(interval), burst), now::get);
        long filled = 0; // nanoseconds of debt in the bucket
        for (int i = 0; i < 2_000; i++) {
            long step = random.nextInt((int) (2 * interval) + 1);
            now.addAndGet(step);
            filled = Math.max(0, filled - step);
            int permits = 1 + random.nextInt(burst);
            long expected = Math.max(0, filled + permits * interval - burst * interval);
            assertThat(limiter.tryAcquireNanos(permits)).isEqualTo(expected);
            if (expected == 0) {
                filled += permits * interval;
            } else if (random.nextInt(5) == 0) {
                now.addAndGet(expected);
                filled = Math.max(0, filled - expected);
                assertThat(limiter.tryAcquire(permits)).isTrue();
                filled += permits * interval;
            }
        }
    }

    /** A key that stays has its law; all keys together have maximumKeys times it, whatever comes and goes. */
    @Property(tries = 150)
    void keyedLimiter_underAFloodOfKeys_boundsEachKeyThatStaysAndTheSum(
            @ForAll @IntRange(min = 1, max = 40) int maximumKeys,
            @ForAll @IntRange(min = 1, max = 200) int keys,
            @ForAll long seed) {
        Random random = new Random(seed);
        AtomicLong now = new AtomicLong(seed);
        Rate rate = Rate.perSecond(10).burst(3);
        KeyedRateLimiter<Integer> limiter = KeyedRateLimiter.of("k", rate, maximumKeys, now::get);
        List<Grant> all = new ArrayList<>();
        List<List<Grant>> each = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            each.add(new ArrayList<>());
        }
        for (int i = 0; i < 3_000; i++) {
            now.addAndGet(random.nextInt(20_000_000));
            int key = (int) (Math.pow(random.nextDouble(), 3) * keys);
            if (limiter.tryAcquire(key)) {
                Grant grant = new Grant(now.get() - seed, 1);
                all.add(grant);
                each.get(key).add(grant);
            }
        }
        KeyedRateLimiter.Stats stats = limiter.stats();
        assertThat(stats.keys()).isLessThanOrEqualTo(maximumKeys);
        assertThat(stats.granted()).isEqualTo(all.size());
        assertThat(stats.granted() + stats.rejected()).isEqualTo(3_000);
        assertLaw(all, Rate.perSecond(10L * maximumKeys).burst(3L * maximumKeys));
        if (stats.evicted() == 0) {
            each.forEach(grants -> assertLaw(grants, rate));
        }
    }

    /** L9 across changes of the rate: at most the burst at first and what the rates allow in their times. */
    @Property(tries = 300)
    void changesOfTheRate_anySchedule_keepTheLaw(@ForAll long seed) {
        Random random = new Random(seed);
        VirtualTime clock = VirtualTime.create();
        Rate rate = Rate.perSecond(1 + random.nextInt(100)).burst(1 + random.nextInt(20));
        RateLimiter limiter = RateLimiter.of("r", rate, clock);
        double allowed = 0;
        long first = rate.burst();
        long granted = 0;
        for (int i = 0; i < 300; i++) {
            if (random.nextInt(20) == 0) {
                rate = Rate.perSecond(1 + random.nextInt(100)).burst(1 + random.nextInt(20));
                limiter.rate(rate);
            }
            int permits = 1 + random.nextInt((int) rate.burst());
            if (limiter.tryAcquire(permits)) {
                granted += permits;
            }
            assertThat((double) granted).isLessThanOrEqualTo(first + allowed + 1e-6);
            long pause = random.nextInt(200_000_000);
            clock.advance(Duration.ofNanos(pause));
            allowed += pause / 1e9 * rate.count();
        }
    }

    /** The same for each key, and for keys that rest over some changes or come after them. */
    @Property(tries = 300)
    void changesOfTheRateOfKeys_anySchedule_keepTheLawOfEach(@ForAll long seed) {
        Random random = new Random(seed);
        VirtualTime clock = VirtualTime.create();
        Rate rate = Rate.perSecond(1 + random.nextInt(100)).burst(1 + random.nextInt(20));
        int keys = 5;
        KeyedRateLimiter<Integer> limiter = KeyedRateLimiter.of("k", rate, 8, clock);
        RateLimiter[] alone = new RateLimiter[keys]; // each key is to do what a limiter of its own does, ...
        double[] allowed = new double[keys]; // ... and both to keep the law
        long[] granted = new long[keys];
        for (int i = 0; i < 400; i++) {
            if (random.nextInt(10) == 0) {
                rate = Rate.perSecond(1 + random.nextInt(100)).burst(1 + random.nextInt(20));
                limiter.rate(rate);
                assertThat(limiter.rate()).isEqualTo(rate);
                for (RateLimiter one : alone) {
                    if (one != null) {
                        one.rate(rate);
                    }
                }
            }
            int key = (int) (Math.pow(random.nextDouble(), 3) * keys);
            if (alone[key] == null) {
                alone[key] = RateLimiter.of("r", rate, clock);
                allowed[key] = rate.burst();
            }
            int permits = 1 + random.nextInt((int) rate.burst());
            long wait = limiter.tryAcquireNanos(key, permits);
            assertThat(wait).isEqualTo(alone[key].tryAcquireNanos(permits));
            granted[key] += wait == 0 ? permits : 0;
            assertThat((double) granted[key]).isLessThanOrEqualTo(allowed[key] + 1e-6);
            long pause = random.nextInt(200_000_000);
            clock.advance(Duration.ofNanos(pause));
            for (int k = 0; k < keys; k++) {
                allowed[k] += alone[k] == null ? 0 : pause / 1e9 * rate.count();
            }
        }
        assertThat(limiter.stats().evicted()).isZero();
    }

    /** However many threads race for however large a burst, and whoever counts apart: the law, and nothing lost. */
    @Property(tries = 60)
    void grantsOnCredit_whenOneRaces_stayWithinTheLaw(
            @ForAll @LongRange(min = 1_000, max = 100_000) long burst,
            @ForAll @IntRange(min = 1, max = 4) int cellsLog,
            @ForAll long seed) {
        Random random = new Random(seed);
        AtomicLong now = new AtomicLong(seed);
        Rate rate = Rate.perSecond(1_000_000).burst(burst);
        RateGate gate = new RateGate("r", rate, now::get, 1 << cellsLog);
        List<Grant> grants = new ArrayList<>();
        long sum = 0;
        boolean onCredit = false;
        double level = 0; // of an exact bucket that is told of every grant
        for (int i = 0; i < 5_000; i++) {
            if (random.nextInt(50) == 0) {
                gate.beginCredit(gate.epoch(), now.get());
            }
            onCredit |= gate.epoch().cells != null;
            int permits = random.nextInt(20) == 0 ? 1 + random.nextInt((int) burst / 4) : 1 + random.nextInt(3);
            long pause = random.nextInt(100) == 0 ? random.nextInt((int) burst * 2_000) : random.nextInt(500);
            now.addAndGet(pause);
            level = Math.max(0, level - pause / 1000.0);
            boolean granted = gate.take(permits) <= 0;
            if (granted) {
                grants.add(new Grant(now.get() - seed, permits));
                sum += permits;
                level += permits;
            } else {
                assertThat(gate.epoch().cells).isNull(); // only an exact epoch refuses
                assertThat(level + permits).isGreaterThan(burst - burst / 32.0 - 1); // a little early at most
            }
            assertThat(gate.stats().granted()).isEqualTo(sum);
        }
        assertLaw(grants, rate);
        assertThat(onCredit).isEqualTo(burst / 32 / (2L << cellsLog) >= 4);
    }
}
