// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Laws L3 to L6 and L10: merging, accuracy, subtraction, encoding, ladders. */
class HistogramProperties {
    private static final double[] ERRORS = {0.1, 0.05, 0.03, 0.011, 0.0055, 0.003, 0.00136};

    @Provide
    Arbitrary<List<Double>> samples() {
        Arbitrary<Double> value = Arbitraries.oneOf(
                Arbitraries.doubles().between(0, 1e3),
                Arbitraries.doubles().between(1e-9, 1e12).ofScale(12),
                Arbitraries.longs()
                        .between(0, Double.doubleToLongBits(Double.MAX_VALUE))
                        .map(Double::longBitsToDouble),
                Arbitraries.of(0.0, 1.0, 2.0, 4.0, 1024.0, Double.MIN_VALUE, Double.MIN_NORMAL, Double.MAX_VALUE));
        return value.list().ofMaxSize(60);
    }

    private static Histogram histogram(double error) {
        return MetricRegistry.of("")
                .histogram("sizes", "Test.")
                .relativeError(error)
                .register();
    }

    private static HistogramSnapshot record(double error, List<Double> samples) {
        Histogram histogram = histogram(error);
        samples.forEach(histogram::record);
        return histogram.snapshot();
    }

    /** Equal but for the time and the rounding of the sum. */
    private static void assertSame(HistogramSnapshot a, HistogramSnapshot b) {
        assertThat(buckets(a)).isEqualTo(buckets(b));
        assertThat(a.count()).isEqualTo(b.count());
        assertThat(Double.valueOf(a.min())).isEqualTo(Double.valueOf(b.min()));
        assertThat(Double.valueOf(a.max())).isEqualTo(Double.valueOf(b.max()));
        assertThat(a.sum()).isCloseTo(b.sum(), within(Math.max(1e-300, b.sum() * 1e-9)));
    }

    static String buckets(HistogramSnapshot snapshot) {
        StringBuilder text = new StringBuilder();
        snapshot.forEachBucket((lower, upper, count) -> text.append(lower)
                .append("..")
                .append(upper)
                .append(':')
                .append(count)
                .append(' '));
        return text.toString();
    }

    @Property(tries = 500)
    void quantile_ofAnyRank_keepsItsRelativeError(
            @ForAll("samples") List<Double> samples,
            @ForAll @IntRange(max = 6) int precision,
            @ForAll @DoubleRange(max = 1) double q) {
        HistogramSnapshot snapshot = record(ERRORS[precision], samples);
        if (samples.isEmpty()) {
            assertThat(snapshot.quantile(q)).isNaN();
            assertThat(snapshot.quantileInterpolated(q)).isNaN();
            assertThat(snapshot.mean()).isNaN();
            return;
        }
        double[] sorted =
                samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double exact = sorted[(int) Math.max(0, Math.ceil(q * sorted.length * (1 - 1e-14)) - 1)];
        double allowed = Math.max(Double.MIN_NORMAL, exact * snapshot.relativeError() * (1 + 1e-9));
        assertThat(snapshot.relativeError()).isLessThanOrEqualTo(ERRORS[precision]);
        assertThat(snapshot.quantile(q)).isCloseTo(exact, within(allowed)).isBetween(snapshot.min(), snapshot.max());
        // The width of a bucket is base - 1 times its lower bound.
        double alpha = snapshot.relativeError();
        assertThat(snapshot.quantileInterpolated(q))
                .isCloseTo(exact, within(Math.max(Double.MIN_NORMAL, exact * 2 * alpha / (1 - alpha) * (1 + 1e-9))))
                .isBetween(snapshot.min(), snapshot.max());
        assertThat(snapshot.quantile(0)).isCloseTo(sorted[0], within(Math.max(Double.MIN_NORMAL, sorted[0] * alpha)));
        assertThat(snapshot.quantile(1)).isEqualTo(sorted[sorted.length - 1]);
    }

    @Property(tries = 300)
    void quantile_ofGrowingShares_isMonotone(
            @ForAll("samples") List<Double> samples,
            @ForAll @DoubleRange(max = 1) double p,
            @ForAll @DoubleRange(max = 1) double q) {
        HistogramSnapshot snapshot = record(0.0055, samples);
        if (!samples.isEmpty() && p <= q) {
            assertThat(snapshot.quantile(p)).isLessThanOrEqualTo(snapshot.quantile(q));
            assertThat(snapshot.quantileInterpolated(p)).isLessThanOrEqualTo(snapshot.quantileInterpolated(q));
        }
    }

    @Property(tries = 300)
    void plus_ofTwoHistograms_equalsOneThatSawAll(
            @ForAll("samples") List<Double> a,
            @ForAll("samples") List<Double> b,
            @ForAll @IntRange(max = 6) int precisionA,
            @ForAll @IntRange(max = 6) int precisionB) {
        HistogramSnapshot left = record(ERRORS[precisionA], a);
        HistogramSnapshot right = record(ERRORS[precisionB], b);
        List<Double> all = new java.util.ArrayList<>(a);
        all.addAll(b);
        HistogramSnapshot together = record(Math.max(ERRORS[precisionA], ERRORS[precisionB]), all);
        assertSame(left.plus(right), together);
        assertSame(right.plus(left), together);
        assertSame(left.plus(record(ERRORS[precisionA], List.of())), left);
    }

    @Property(tries = 300)
    void downscale_toAnyError_isWhatThatHistogramHadRecorded(
            @ForAll("samples") List<Double> samples,
            @ForAll @IntRange(max = 6) int precision,
            @ForAll @IntRange(max = 6) int wanted) {
        HistogramSnapshot fine = record(ERRORS[precision], samples);
        HistogramSnapshot coarse = fine.downscale(ERRORS[wanted]);
        assertSame(coarse, record(ERRORS[Math.min(precision, wanted)], samples));
        assertThat(coarse.sum()).isEqualTo(fine.sum());
        assertThat(coarse.from()).isEqualTo(fine.from());
        assertThat(coarse.to()).isEqualTo(fine.to());
    }

    @Property(tries = 300)
    void minus_ofAnEarlierSnapshot_givesWhatCameAfter(
            @ForAll("samples") List<Double> before, @ForAll("samples") List<Double> after) {
        Histogram histogram = histogram(0.0055);
        before.forEach(histogram::record);
        HistogramSnapshot earlier = histogram.snapshot();
        after.forEach(histogram::record);
        HistogramSnapshot later = histogram.snapshot();
        HistogramSnapshot between = later.minus(earlier);
        assertThat(buckets(between)).isEqualTo(buckets(record(0.0055, after)));
        assertThat(between.count()).isEqualTo(after.size());
        assertThat(between.from()).isEqualTo(earlier.to());
        assertThat(between.to()).isEqualTo(later.to());
        for (double sample : after) {
            assertThat(sample).isBetween(between.min(), between.max());
        }
        assertThat(buckets(between.plus(earlier))).isEqualTo(buckets(later));
        if (!after.isEmpty()) {
            assertThatThrownBy(() -> earlier.minus(later))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("earlier snapshot of the same histogram");
        }
    }

    @Property(tries = 300)
    void fromBytes_ofEncoded_isEqual(
            @ForAll("samples") List<Double> samples, @ForAll @IntRange(max = 6) int precision) {
        HistogramSnapshot snapshot = record(ERRORS[precision], samples);
        HistogramSnapshot decoded = HistogramSnapshot.fromBytes(snapshot.toBytes());
        assertThat(decoded).isEqualTo(snapshot).hasSameHashCodeAs(snapshot);
        assertThat(decoded.toBytes()).isEqualTo(snapshot.toBytes());
    }

    @Property(tries = 2000)
    void fromBytes_ofDamagedBytes_throwsOrYieldsSomethingCanonical(
            @ForAll("samples") List<Double> samples,
            @ForAll @IntRange(min = 0, max = 1000) int at,
            @ForAll byte value,
            @ForAll @IntRange(max = 3) int how) {
        byte[] bytes = record(0.0055, samples).toBytes();
        byte[] damaged = bytes.clone();
        switch (how) {
            case 0 -> damaged[at % bytes.length] = value;
            case 1 -> damaged = Arrays.copyOf(bytes, at % bytes.length);
            case 2 -> damaged = Arrays.copyOf(bytes, bytes.length + 1 + at);
            default -> new Random(at * 31L + value).nextBytes(damaged);
        }
        try {
            assertThat(HistogramSnapshot.fromBytes(damaged).toBytes()).isEqualTo(damaged);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith("bytes must be an encoded histogram snapshot");
        }
    }

    @Property(tries = 300)
    void ladder_atItsBounds_countsExactly(
            @ForAll("samples") List<Double> samples, @ForAll @DoubleRange(min = 0.01, max = 1e6) double bound) {
        Histogram histogram = MetricRegistry.of("")
                .histogram("sizes", "Test.")
                .buckets(bound, bound * 1.001, bound * 3, 1e300)
                .register();
        samples.forEach(histogram::record);
        HistogramSnapshot snapshot = histogram.snapshot();
        histogram
                .distribution()
                .collect(
                        new byte[0],
                        new LadderCollector() {
                            @Override
                            public void histogram(byte[] labels, double[] upperBounds, long[] cumulative, double sum) {
                                for (int i = 0; i < upperBounds.length; i++) {
                                    double upper = upperBounds[i];
                                    long exact = samples.stream()
                                            .filter(v -> v <= upper)
                                            .count();
                                    assertThat(cumulative[i])
                                            .as("at or below %s", upper)
                                            .isEqualTo(exact);
                                    assertThat(snapshot.countAtMost(upper)).isEqualTo(exact);
                                    assertThat(snapshot.snap(upper)).isEqualTo(upper);
                                }
                                assertThat(cumulative[upperBounds.length]).isEqualTo(samples.size());
                                assertThat(upperBounds[0]).isBetween(bound, bound * 1.011);
                            }
                        },
                        new long[5]);
    }

    private abstract static class LadderCollector implements MetricRegistry.Collector {
        @Override
        public void family(String name, MetricRegistry.Kind kind, Unit unit, String help) {}

        @Override
        public void counter(byte[] labels, double value) {}

        @Override
        public void gauge(byte[] labels, double value) {}
    }

    @Property(tries = 200)
    void timer_ofAnyLongs_keepsSumAndError(@ForAll List<@LongRange(max = Long.MAX_VALUE / 64) Long> nanos) {
        Timer timer = MetricRegistry.of("").timer("work", "Test.").register();
        nanos.forEach(timer::recordNanos);
        long sum = nanos.stream().limit(1000).mapToLong(Long::longValue).sum();
        if (nanos.size() <= 64) {
            assertThat(timer.snapshot().sum()).isEqualTo((double) sum);
        }
        assertThat(timer.snapshot().count()).isEqualTo(nanos.size());
    }

    @Example
    void quantile_ofKnownDistributions_keepsTheBoundAtEveryPercentile() {
        Random random = new Random(20261124);
        int n = 200_000;
        check("lognormal", n, () -> Math.exp(random.nextGaussian() * 1.2 + 14));
        check("pareto", n, () -> 1e5 * Math.pow(1 - random.nextDouble(), -1 / 1.2));
        check(
                "bimodal",
                n,
                () -> random.nextDouble() < 0.95 ? 1e6 + 1e5 * random.nextDouble() : 5e8 * (1 + random.nextDouble()));
        check("constant", 1000, () -> 3e6);
        check("two points", 1000, () -> random.nextBoolean() ? 2 : 418);
        check("1 to 10^18", n, () -> Math.pow(10, 18 * random.nextDouble()));
    }

    private static void check(String what, int n, DoubleSupplier source) {
        for (double error : new double[] {0.011, 0.0055}) {
            Histogram histogram = histogram(error);
            double[] samples = new double[n];
            for (int i = 0; i < n; i++) {
                samples[i] = source.getAsDouble();
                histogram.record(samples[i]);
            }
            Arrays.sort(samples);
            HistogramSnapshot snapshot = histogram.snapshot();
            for (int permille = 0; permille <= 1000; permille++) {
                double exact = samples[(int) Math.max(0, ((long) permille * n + 999) / 1000 - 1)];
                assertThat(snapshot.quantile(permille / 1000.0))
                        .as("%s, p%s", what, permille / 10.0)
                        .isCloseTo(exact, within(exact * error));
            }
        }
    }
}
