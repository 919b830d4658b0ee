// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Law L8: windows and readers hold exactly the samples between the times they tell, whatever the ticks do. */
class WindowProperties {
    private record Sample(Instant at, long nanos) {}

    @Property(tries = 300)
    void window_underTicksThatAreLateMissingOrJump_holdsWhatItsTimesSay(@ForAll @LongRange(max = 1_000_000) long seed) {
        Random random = new Random(seed);
        VirtualTime time = VirtualTime.create();
        MetricRegistry registry =
                MetricRegistry.builder("").time(TimeSource.of(time)).build();
        Timer timer = registry.timer("work", "Work.").register();
        IntervalReader reader = timer.reader();
        Instant readUntil = time.instant();
        Duration length = Duration.ofSeconds(1 + random.nextInt(60));
        // Without the registry's ticker: this test ticks, or forgets to.
        SlidingWindow window = new SlidingWindow(timer.distribution(), timer.snapshot(), length, time.getAsLong());
        List<Instant> marks = new ArrayList<>(List.of(time.instant()));
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            // Never two things at one instant, so that "before" and "after" are known.
            time.advance(Duration.ofNanos(1 + random.nextInt(random.nextInt(50) == 0 ? 2_000_000_000 : 50_000_000)));
            if (random.nextInt(100) == 0) {
                time.advance(Duration.ofHours(random.nextInt(9)));
            }
            switch (random.nextInt(6)) {
                case 0 -> {
                    window.tick();
                    marks.add(time.instant());
                }
                case 1 -> {
                    HistogramSnapshot seen = window.read();
                    Instant begin = marks.stream()
                            .filter(mark -> !mark.plus(length).isAfter(time.instant()))
                            .reduce((a, b) -> b)
                            .orElse(marks.get(0));
                    assertThat(seen.from()).isEqualTo(begin);
                    assertThat(seen.to()).isEqualTo(time.instant());
                    assertHolds(seen, samples);
                }
                case 2 -> {
                    HistogramSnapshot seen = reader.next();
                    assertThat(seen.from()).isEqualTo(readUntil);
                    assertThat(seen.to()).isEqualTo(time.instant());
                    readUntil = seen.to();
                    assertHolds(seen, samples);
                }
                default -> {
                    Sample sample = new Sample(time.instant(), 1 + random.nextInt(1_000_000_000));
                    samples.add(sample);
                    timer.recordNanos(sample.nanos);
                }
            }
        }
        registry.close();
    }

    /** A snapshot against the plain list. */
    private static void assertHolds(HistogramSnapshot seen, List<Sample> samples) {
        Timer model = MetricRegistry.of("").timer("work", "Work.").register();
        List<Sample> between = samples.stream()
                .filter(sample -> sample.at.isAfter(seen.from()) && !sample.at.isAfter(seen.to()))
                .toList();
        between.forEach(sample -> model.recordNanos(sample.nanos));
        assertThat(seen.count()).isEqualTo(between.size());
        assertThat(HistogramProperties.buckets(seen)).isEqualTo(HistogramProperties.buckets(model.snapshot()));
        assertThat(seen.sum()).isEqualTo(model.snapshot().sum());
    }
}
