// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Serialised snapshots as this library has always written them, on every JDK: other versions and processes read them.
 * The file has a name and the bytes in hexadecimal per line. A change of format needs a new format number, not new lines
 * for old names.
 */
class SnapshotFormatTest {
    private static final String FILE = "snapshots.hex";

    private static Map<String, String> golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(SnapshotFormatTest.class.getResourceAsStream(FILE), FILE)) {
            Map<String, String> lines = new HashMap<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(" ", 2))
                    .forEach(words -> lines.put(words[0], words[1]));
            return lines;
        }
    }

    /** From integers only, so that no JDK's mathematics is in it. */
    private static HistogramSnapshot snapshot(String name) {
        VirtualTime time = VirtualTime.create();
        MetricRegistry registry =
                MetricRegistry.builder("").time(TimeSource.of(time)).build();
        Timer timer = registry.timer("work", "Work.").register();
        Histogram histogram =
                registry.histogram("size", "Sizes.").relativeError(0.05).register();
        time.advance(Duration.ofMillis(1_500));
        long random = 42;
        switch (name) {
            case "empty" -> {}
            case "timer" -> {
                for (int i = 0; i < 100; i++) {
                    random = random * 6364136223846793005L + 1442695040888963407L;
                    timer.recordNanos(random >>> (i % 64));
                }
                timer.recordNanos(0);
            }
            case "histogram" -> {
                for (double value : new double[] {
                    0,
                    -0.0,
                    Double.MIN_VALUE,
                    Double.MIN_NORMAL,
                    1,
                    1,
                    Math.nextUp(1.0),
                    2,
                    1e-300,
                    1e300,
                    Double.MAX_VALUE
                }) {
                    histogram.record(value);
                }
            }
            default -> throw new IllegalArgumentException(name);
        }
        return name.equals("histogram") ? histogram.snapshot() : timer.snapshot();
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty", "timer", "histogram"})
    void toBytes_ofKnownSamples_areTheBytesOfTheFile(String name) throws IOException {
        HistogramSnapshot snapshot = snapshot(name);
        String expected = golden().get(name);
        assertThat(HexFormat.of().formatHex(snapshot.toBytes())).isEqualTo(expected);
        assertThat(HistogramSnapshot.fromBytes(HexFormat.of().parseHex(expected)))
                .isEqualTo(snapshot);
    }
}
