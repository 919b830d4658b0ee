// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.metrics.Histogram;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class PlotProperties {
    @Provide
    Arbitrary<List<Double>> samples() {
        return Arbitraries.oneOf(
                        Arbitraries.of(0.0, 1.0, 2.0, 1e-300, 1e300, Double.MAX_VALUE, Double.MIN_NORMAL),
                        Arbitraries.doubles().between(1e-3, 1e7).ofScale(6),
                        Arbitraries.doubles().between(100, 101))
                .list()
                .ofMaxSize(200);
    }

    @Property(tries = 300)
    void text_ofAnySamples_countsEachOnceAndKeepsItsWidth(
            @ForAll("samples") List<Double> samples,
            @ForAll @IntRange(min = 1, max = 100) int rows,
            @ForAll @IntRange(min = 60, max = 160) int width,
            @ForAll boolean ascii) {
        Histogram histogram = MetricRegistry.of("").histogram("size", "Sizes.").register();
        samples.forEach(histogram::record);
        Plot plot = Plot.of(histogram.snapshot()).rows(rows).width(width);
        List<String> lines = (ascii ? plot.ascii() : plot).text().lines().toList();
        if (samples.isEmpty()) {
            assertThat(lines).containsExactly("no samples");
            return;
        }
        List<String> table = lines.subList(4, lines.size());
        assertThat(table).hasSizeBetween(1, rows + 1).allMatch(line -> line.length() <= width); // zeros have a row
        long together = 0;
        long most = 0;
        int longest = 0;
        for (String line : table) {
            long count = count(line);
            int bar = line.length() - line.replaceAll("[#█▏▎▍▌▋▊▉]+$", "").length();
            assertThat(bar > 0).as("a bar in '%s'", line).isEqualTo(count > 0);
            together += count;
            most = Math.max(most, count);
            longest = Math.max(longest, bar);
            String share = String.format(java.util.Locale.ROOT, " %.1f %%", 100.0 * together / samples.size());
            assertThat(line).contains(share);
        }
        assertThat(together).isEqualTo(samples.size());
        for (String line : table) {
            if (count(line) == most) {
                assertThat(line).hasSize(width); // the tallest fills its row
            }
        }
    }

    private static long count(String line) {
        String[] words = line.substring(10).strip().split(" +", 2);
        return Long.parseLong(words[0].replace(",", ""));
    }

    @Example
    void text_ofATimer_isExactlyThis() {
        Timer timer = MetricRegistry.of("").timer("work", "Work.").register();
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            timer.recordNanos((long) (2e6 * Math.exp(random.nextGaussian())));
        }
        assertThat(Plot.ofDurations(timer.snapshot()).rows(8).width(64).text()).isEqualTo("""
                        samples 100,000, mean 3.33 ms
                        min 31.1 us, p50 2.02 ms, p90 7.25 ms, p99 20.5 ms, p99.9 43.8 ms, max 216 ms (within 0.54 %)

                             up to    count  together
                           94.7 us      118     0.1 %  ▏
                            286 us    2,321     2.4 %  █▉
                            863 us   17,375    19.8 %  ██████████████▎
                           2.60 ms   40,235    60.0 %  █████████████████████████████████
                           7.86 ms   31,211    91.3 %  █████████████████████████▋
                           23.7 ms    8,068    99.3 %  ██████▋
                           71.6 ms      656   100.0 %  ▌
                            216 ms       16   100.0 %  ▏
                        """);
    }

    @Example
    void text_ofConstantAndZeroSamples_hasOneRowForEach() {
        Histogram histogram = MetricRegistry.of("").histogram("size", "Sizes.").register();
        histogram.record(0);
        assertThat(Plot.of(histogram.snapshot()).width(60).ascii().text()).isEqualTo("""
                        samples 1, mean 0
                        min 0, p50 0, p90 0, p99 0, p99.9 0, max 0 (within 0.54 %)

                             up to  count  together
                                 0      1   100.0 %  ###############################
                        """);
        histogram.record(1_500);
        histogram.record(1_500);
        assertThat(Plot.of(histogram.snapshot())
                        .width(60)
                        .ascii()
                        .text()
                        .lines()
                        .skip(4))
                .containsExactly(
                        "         0      1    33.3 %  ###############",
                        "    1.51 k      2   100.0 %  ###############################");
    }

    @Example
    void settings_outOfRange_sayWhatIsExpected() {
        Plot plot = Plot.of(
                MetricRegistry.of("").histogram("size", "Sizes.").register().snapshot());
        assertThatThrownBy(() -> plot.rows(0)).hasMessage("most must be in range: most=0 (expected: 1 to 500)");
        assertThatThrownBy(() -> plot.width(59))
                .hasMessage("columns must be in range: columns=59 (expected: 60 to 500)");
        assertThat(plot)
                .hasToString("Plot[" + plot.toString().substring(5))
                .asString()
                .contains("rows=20");
    }
}
