// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.loadbalance.scaling.ScalingSpec.Behavior;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Metric;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Rate;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Select;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class HorizontalScalerProperties {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int STEPS = 16;
    private static final int TRACES = "long".equals(System.getProperty("pentalith.tests")) ? 1_000_000 : 100_000;

    /** A random specification, for both sides. */
    private static final class Draw {
        final SplittableRandom random;
        final int min;
        final int max;
        final List<HpaOracle.Wanted> wanted = new ArrayList<>();
        final List<Metric> metrics = new ArrayList<>();
        final HpaOracle.Direction up;
        final HpaOracle.Direction down;

        Draw(long seed) {
            random = new SplittableRandom(seed);
            min = 1 + random.nextInt(5);
            // Small fleets meet the bounds more often and cost less; a quarter is larger.
            max = min + random.nextInt(random.nextInt(4) == 0 ? 60 : 12);
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                String kind = List.of("average", "total", "value").get(random.nextInt(3));
                long target = 1L + random.nextInt(4_000);
                wanted.add(new HpaOracle.Wanted(kind, target));
                double number = target / 1e3;
                metrics.add(
                        switch (kind) {
                            case "average" -> Metric.average("m" + i, number);
                            case "total" -> Metric.total("m" + i, number);
                            default -> Metric.value("m" + i, number);
                        });
            }
            up = direction(random.nextInt(3) == 0 ? random.nextInt(90) : 0);
            down = direction(random.nextInt(300));
        }

        private HpaOracle.Direction direction(int window) {
            List<HpaOracle.Policy> policies = new ArrayList<>();
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                boolean percent = random.nextBoolean();
                policies.add(
                        new HpaOracle.Policy(percent, 1 + random.nextInt(percent ? 150 : 8), 1 + random.nextInt(120)));
            }
            String select = List.of("Max", "Max", "Min", "Disabled").get(random.nextInt(4));
            return new HpaOracle.Direction(window, random.nextInt(3) * 100L, select, policies);
        }

        private static Behavior behavior(HpaOracle.Direction direction) {
            return new Behavior(
                    Duration.ofSeconds(direction.window()),
                    direction.tolerance() / 1e3,
                    Select.valueOf(direction.select().toUpperCase(java.util.Locale.ROOT)),
                    direction.policies().stream()
                            .map(p -> new Rate(p.value(), p.percent(), Duration.ofSeconds(p.seconds())))
                            .toList());
        }

        ScalingSpec spec() {
            return new ScalingSpec(min, max, metrics, behavior(up), behavior(down));
        }

        List<HpaOracle.Reading> readings(int servers, double load) {
            List<HpaOracle.Reading> readings = new ArrayList<>();
            for (HpaOracle.Wanted metric : wanted) {
                if (random.nextInt(15) == 0) {
                    readings.add(null);
                    continue;
                }
                List<HpaOracle.Pod> pods = new ArrayList<>();
                long sum = 0;
                for (int i = 0; i < servers; i++) {
                    boolean ready = random.nextInt(12) != 0;
                    long value =
                            (long) (metric.target() * load * (random.nextInt(3) == 0 ? 1 : 0.5 + random.nextDouble()));
                    pods.add(new HpaOracle.Pod(ready, random.nextInt(12) == 0 ? -1 : value));
                    sum += value;
                }
                long number = metric.kind().equals("value") ? (long) (metric.target() * load) : sum;
                readings.add(new HpaOracle.Reading(pods, number));
            }
            return readings;
        }

        List<MetricSample> samples(List<HpaOracle.Reading> readings) {
            List<MetricSample> samples = new ArrayList<>();
            for (int i = 0; i < readings.size(); i++) {
                HpaOracle.Reading reading = readings.get(i);
                if (reading == null) {
                    continue;
                }
                long total = 0;
                int reporting = 0;
                int missing = 0;
                int starting = 0;
                for (HpaOracle.Pod pod : reading.pods()) {
                    if (!pod.ready()) {
                        starting++;
                    } else if (pod.value() < 0) {
                        missing++;
                    } else {
                        reporting++;
                        total += pod.value();
                    }
                }
                boolean average = wanted.get(i).kind().equals("average");
                samples.add(new MetricSample(
                        "m" + i, (average ? total : reading.number()) / 1e3, reporting, missing, starting));
            }
            return samples;
        }
    }

    @Property(tries = 1_000)
    void decide_onRandomTraces_agreesWithTheOracle(@ForAll long seed) {
        IntStream.range(0, TRACES / 1_000).parallel().forEach(i -> trace(seed + i));
    }

    private static void trace(long seed) {
        Draw draw = new Draw(seed);
        ScalingSpec spec = draw.spec();
        HpaOracle oracle = new HpaOracle(draw.min, draw.max, draw.wanted, draw.up, draw.down);
        int servers = Math.max(0, draw.min - 1 + draw.random.nextInt(draw.max + 3 - draw.min));
        long second = 0;
        ScalingState state = ScalingState.of(servers, START);
        oracle.begin(servers, 0);
        double load = 1;
        int steps = 5 + draw.random.nextInt(STEPS - 5);
        for (int i = 0; i < steps; i++) {
            second += 1 + draw.random.nextInt(30);
            load = Math.max(0.05, Math.min(4, load * (0.6 + draw.random.nextDouble())));
            List<HpaOracle.Reading> readings = draw.readings(servers, load);
            ScalingDecision decision =
                    HorizontalScaler.decide(spec, state, draw.samples(readings), START.plusSeconds(second));
            int expected = oracle.reconcile(servers, readings, second);
            if (decision.desired() != expected) { // a million assertions would take longer than all the rest
                throw new AssertionError("step %d of seed %d: %d instead of %d, %s with %s"
                        .formatted(i, seed, decision.desired(), expected, decision, spec));
            }
            boolean works = draw.random.nextInt(10) != 0; // an action may fail
            state = works ? decision.next().scaled(decision.desired(), START.plusSeconds(second)) : decision.next();
            if (works) {
                oracle.acted(servers, expected, second);
                servers = expected;
            }
        }
    }

    @Property(tries = 500)
    void decide_always_staysInBoundsAndRates_andRepeatsItself(@ForAll long seed) {
        Draw draw = new Draw(seed);
        ScalingSpec spec = draw.spec();
        int servers = draw.min;
        ScalingState state = ScalingState.of(servers, START);
        List<int[]> history = new ArrayList<>(); // second, servers after it
        history.add(new int[] {0, servers});
        int second = 0;
        for (int i = 0; i < STEPS; i++) {
            second += 1 + draw.random.nextInt(20);
            Instant now = START.plusSeconds(second);
            List<MetricSample> samples = draw.samples(draw.readings(servers, 0.2 + 2 * draw.random.nextDouble()));
            ScalingDecision decision = HorizontalScaler.decide(spec, state, samples, now);

            assertThat(decision.desired()).isBetween(draw.min, draw.max);
            assertThat(HorizontalScaler.decide(spec, state, samples, now)).isEqualTo(decision);
            assertThat(HorizontalScaler.decide(spec, decision.next(), samples, now)
                            .desired())
                    .as("decided again at the same instant")
                    .isEqualTo(decision.desired());
            assertThat(decision.changes() && samples.isEmpty()).isFalse();
            if (samples.size() < spec.metrics().size()) {
                assertThat(decision.desired()).as("a metric is missing").isGreaterThanOrEqualTo(servers);
            }

            servers = decision.desired();
            state = decision.next().scaled(servers, now);
            history.add(new int[] {second, servers});
            assertRates(spec, history);
        }
    }

    /** No window of a rate's period has seen more change than the rates allow (Max: one of them, Min: each). */
    private static void assertRates(ScalingSpec spec, List<int[]> history) {
        int[] last = history.get(history.size() - 1);
        int before = history.get(history.size() - 2)[1];
        if (last[1] == before) {
            return;
        }
        Behavior behavior = last[1] > before ? spec.up() : spec.down();
        assertThat(behavior.select()).isNotEqualTo(Select.DISABLED);
        List<Boolean> kept = new ArrayList<>();
        for (Rate rate : behavior.rates()) {
            int from = history.get(0)[1];
            for (int[] past : history) {
                from = past[0] <= last[0] - rate.period().toSeconds() ? past[1] : from;
            }
            double allowed = rate.percent() ? from * rate.amount() / 100.0 : rate.amount();
            kept.add((last[1] > before ? last[1] - from : from - last[1]) < allowed + 1);
        }
        if (behavior.select() == Select.MIN) {
            assertThat(kept).doesNotContain(false);
        } else {
            assertThat(kept).contains(true);
        }
    }

    @Property
    void decide_withinTheTolerance_changesNothing(
            @ForAll @IntRange(min = 1, max = 50) int servers, @ForAll @DoubleRange(min = 0.9, max = 1.1) double load) {
        ScalingSpec spec = ScalingSpec.of(1, 50, Metric.average("cpu", 0.6));
        MetricSample sample = new MetricSample("cpu", servers * 0.6 * load, servers, 0, 0);
        assertThat(HorizontalScaler.decide(spec, ScalingState.of(servers, START), List.of(sample), START)
                        .desired())
                .isEqualTo(servers);
    }

    @Property
    void decide_whenServersDoNotReport_neverShrinksFurtherThanIfTheyWereAtTheTarget(
            @ForAll @IntRange(min = 1, max = 40) int reporting,
            @ForAll @IntRange(min = 1, max = 40) int missing,
            @ForAll @DoubleRange(min = 0, max = 1) double load) {
        ScalingSpec spec = ScalingSpec.of(1, 100, Metric.average("cpu", 0.6))
                .down(Behavior.down().window(Duration.ZERO));
        ScalingState state = ScalingState.of(reporting + missing, START);
        MetricSample some = new MetricSample("cpu", reporting * 0.6 * load, reporting, missing, 0);
        MetricSample all = new MetricSample("cpu", reporting * 0.6 * load + missing * 0.6, reporting + missing, 0, 0);
        assertThat(HorizontalScaler.decide(spec, state, List.of(some), START).desired())
                .isGreaterThanOrEqualTo(HorizontalScaler.decide(spec, state, List.of(all), START)
                        .desired())
                .isGreaterThanOrEqualTo(missing);
    }
}
