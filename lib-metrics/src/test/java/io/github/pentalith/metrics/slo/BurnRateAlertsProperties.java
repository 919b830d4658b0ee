// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.TimeSource;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.slo.BurnRateAlerts.Alert;
import io.github.pentalith.metrics.slo.BurnRateAlerts.State;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/**
 * Law of alerts: what fires is what a naive evaluation of every raw sample says. The engine keeps a thinned history, so
 * a window may begin up to a 32nd of itself and two ticks early; where the verdict depends on where in that range it
 * begins, either answer is right, and such cases must be rare.
 */
class BurnRateAlertsProperties {
    private static final int TICK_MINUTES = 2;
    private static final int DAYS = 5;
    private static final int TICKS = DAYS * 24 * 60 / TICK_MINUTES;

    /** Long window, short window, factor for a period of 30 days: the table of the SRE Workbook. */
    private static final double[][] PAIRS = {{60, 5, 14.4}, {360, 30, 6}, {1_440, 120, 3}, {4_320, 360, 1}};

    /** Every event until each tick; what came before the first tick was there before the engine. */
    private static final class Raw {
        final long[] total = new long[TICKS + 1];
        final long[] bad = new long[TICKS + 1];

        long events(int from, int to) {
            return total[to] - total[from];
        }

        double share(int from, int to) {
            long all = events(from, to);
            return all == 0 ? 0 : (double) (bad[to] - bad[from]) / all;
        }
    }

    /** Verdicts over all windows that begin where this one may. */
    private static final class Range {
        double least = Double.MAX_VALUE;
        double most = -1;
        final long fewest;
        final long greatest;

        Range(Raw raw, int now, double minutes) {
            int latest = Math.max(0, now - (int) Math.ceil(minutes / TICK_MINUTES));
            int earliest = Math.max(0, latest - (int) Math.ceil(minutes / 32 / TICK_MINUTES) - 2);
            for (int from = earliest; from <= latest; from++) {
                double share = raw.share(from, now);
                least = Math.min(least, share);
                most = Math.max(most, share);
            }
            fewest = raw.events(latest, now);
            greatest = raw.events(earliest, now);
        }
    }

    private int judged;
    private int open;
    private int fired;
    private int calm;

    @Example
    void status_overFiveDaysOfManyKinds_isThatOfTheNaiveEvaluation() {
        for (int seed = 0; seed < 10; seed++) {
            simulate(seed);
        }
        assertThat(fired).isGreaterThan(200);
        assertThat(calm).isGreaterThan(200);
        assertThat(open).as("verdicts that may go either way, of " + judged).isLessThan(judged / 10);
    }

    @Property(tries = 15)
    void status_overFiveDays_isThatOfTheNaiveEvaluation(@ForAll @LongRange(max = 1_000_000_000) long seed) {
        simulate(seed);
    }

    private void simulate(long seed) {
        Random random = new Random(seed);
        VirtualTime time = VirtualTime.create();
        MetricRegistry registry =
                MetricRegistry.builder("").time(TimeSource.of(time)).build();
        Counter requests = registry.counter("requests", "Requests.").register();
        Counter failures = registry.counter("failures", "Failures.").register();
        Timer latency = registry.timer("latency", "Latency.").register();
        double objective = 1 - Math.pow(10, -1 - 3 * random.nextDouble());
        long minimum = random.nextBoolean() ? 1 : 1_000;
        boolean timed = random.nextBoolean();
        Slo slo = timed
                ? Slo.latency("slo", objective, latency, Duration.ofMillis(100))
                : Slo.availability("slo", objective, requests, failures);
        BurnRateAlerts alerts = BurnRateAlerts.builder("test")
                .slo(slo)
                .minimumEvents(minimum)
                .tick(Duration.ofMinutes(TICK_MINUTES))
                .time(TimeSource.of(time))
                .build();
        Raw raw = new Raw();
        double budget = 1 - objective;
        double burning = 0; // how many times too fast
        int traffic = 0;
        for (int tick = 1; tick <= TICKS; tick++) {
            if (random.nextInt(120) == 0) {
                burning = random.nextInt(2) * Math.pow(10, 2 * random.nextDouble() - 0.5);
            }
            if (tick == 1 || random.nextInt(200) == 0) {
                traffic = random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(200);
            }
            raw.total[tick] = raw.total[tick - 1];
            raw.bad[tick] = raw.bad[tick - 1];
            for (int i = 0; i < traffic; i++) {
                boolean bad = random.nextDouble() < burning * budget;
                raw.total[tick]++;
                raw.bad[tick] += bad ? 1 : 0;
                if (timed) {
                    latency.recordNanos(
                            bad ? 102_000_000 + random.nextInt(1_000_000_000) : random.nextInt(100_000_001));
                } else {
                    requests.inc();
                    failures.add(bad ? 1 : 0);
                }
            }
            time.advance(Duration.ofMinutes(TICK_MINUTES));
            if (tick % 7 == 0) {
                judge(raw, tick, alerts.status(), budget, minimum);
            }
        }
        BurnRateAlerts.Budget left = alerts.budgets().get(0);
        assertThat(left.events()).isEqualTo(raw.total[TICKS]); // the period is longer than all this
        assertThat(left.errors()).isEqualTo(raw.bad[TICKS]);
        alerts.close();
    }

    private void judge(Raw raw, int now, List<Alert> status, double budget, long minimum) {
        for (int i = 0; i < PAIRS.length; i++) {
            double longMinutes = PAIRS[i][0];
            Alert alert = status.get(i);
            judged++;
            double covered = Math.min(1, now * TICK_MINUTES / longMinutes);
            assertThat(alert.coverage()).isEqualTo(covered);
            Range slow = new Range(raw, now, longMinutes);
            Range quick = new Range(raw, now, PAIRS[i][1]);
            if (covered < 0.9 || slow.greatest < minimum) {
                assertThat(alert.state()).isEqualTo(State.INSUFFICIENT);
                continue;
            }
            if (slow.fewest < minimum) {
                open++;
                continue;
            }
            double limit = PAIRS[i][2] * budget;
            boolean surely = slow.least > limit * (1 + 1e-9) && quick.least > limit * (1 + 1e-9);
            boolean never = slow.most < limit * (1 - 1e-9) || quick.most < limit * (1 - 1e-9);
            if (surely) {
                fired++;
                assertThat(alert.state()).as("%s at tick %s", alert, now).isEqualTo(State.FIRING);
            } else if (never) {
                calm++;
                assertThat(alert.state()).as("%s at tick %s", alert, now).isEqualTo(State.OK);
            } else {
                open++;
                assertThat(alert.state()).isIn(State.OK, State.FIRING);
            }
        }
    }
}
