// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.plot;

import io.github.pentalith.metrics.HistogramSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A distribution as text, for logs, terminals and answers to people: its quantiles, and a bar per range of values. The
 * ranges grow by a constant factor, so that a tail of seconds and a body of milliseconds are both seen; they end at
 * bounds of buckets, so that every count is exact.
 *
 * <p>An immutable value. {@link #text} costs O(rows * used buckets).
 *
 * <pre>{@code
 * System.out.println(Plot.ofDurations(checkout.window()).rows(12).text());
 * }</pre>
 *
 * <pre>
 * samples 100,000, mean 3.33 ms
 * min 31.1 us, p50 2.02 ms, p90 7.25 ms, p99 20.5 ms, p99.9 43.8 ms, max 216 ms (within 0.54 %)
 *
 *      up to    count  together
 *    94.7 us      118     0.1 %  ▏
 *     286 us    2,321     2.4 %  █▉
 *     863 us   17,375    19.8 %  ██████████████▎
 *    2.60 ms   40,235    60.0 %  █████████████████████████████████
 *    7.86 ms   31,211    91.3 %  █████████████████████████▋
 *    23.7 ms    8,068    99.3 %  ██████▋
 *    71.6 ms      656   100.0 %  ▌
 *     216 ms       16   100.0 %  ▏
 * </pre>
 */
public final class Plot {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99, 0.999};
    private static final String[] DURATIONS = {" ns", " us", " ms", " s"};
    private static final String[] THOUSANDS = {"", " k", " M", " G", " T", " P"};
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    private final HistogramSnapshot snapshot;
    private final boolean durations;
    private final int width;
    private final int rows;
    private final boolean ascii;

    private Plot(HistogramSnapshot snapshot, boolean durations, int width, int rows, boolean ascii) {
        this.snapshot = snapshot;
        this.durations = durations;
        this.width = width;
        this.rows = rows;
        this.ascii = ascii;
    }

    /**
     * Shows a histogram's samples.
     *
     * @param snapshot what to show
     * @return 80 columns and at most 20 rows
     */
    public static Plot of(HistogramSnapshot snapshot) {
        return new Plot(Objects.requireNonNull(snapshot, "snapshot"), false, 80, 20, false);
    }

    /**
     * Shows a timer's samples, as nanoseconds to seconds.
     *
     * @param snapshot what to show
     * @return 80 columns and at most 20 rows
     */
    public static Plot ofDurations(HistogramSnapshot snapshot) {
        return new Plot(Objects.requireNonNull(snapshot, "snapshot"), true, 80, 20, false);
    }

    /**
     * Returns the same with longer or shorter bars.
     *
     * @param columns the greatest length of a row, 60 to 500
     * @return the plot
     * @throws IllegalArgumentException if {@code columns} is out of range
     */
    public Plot width(int columns) {
        return new Plot(snapshot, durations, inRange("columns", columns, 60, 500), rows, ascii);
    }

    /**
     * Returns the same with finer or coarser ranges.
     *
     * @param most how many rows there may be, 1 to 500; fewer if there are fewer buckets
     * @return the plot
     * @throws IllegalArgumentException if {@code most} is out of range
     */
    public Plot rows(int most) {
        return new Plot(snapshot, durations, width, inRange("most", most, 1, 500), ascii);
    }

    /** {@return the same with bars of {@code #}, for what cannot show Unicode} */
    public Plot ascii() {
        return new Plot(snapshot, durations, width, rows, true);
    }

    private static int inRange(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    what + " must be in range: " + what + "=" + value + " (expected: " + least + " to " + most + ")");
        }
        return value;
    }

    private record Row(double bound, long count, long together) {}

    /** {@return the text; lines end with a line feed} */
    public String text() {
        if (snapshot.count() == 0) {
            return "no samples\n";
        }
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "samples %,d, mean %s%n", snapshot.count(), value(snapshot.mean())));
        text.append("min ").append(value(snapshot.min()));
        for (double q : QUANTILES) {
            String percent = String.format(Locale.ROOT, "%s", q * 100).replaceAll("\\.0$", "");
            text.append(", p").append(percent).append(' ').append(value(snapshot.quantile(q)));
        }
        text.append(", max ").append(value(snapshot.max()));
        text.append(String.format(Locale.ROOT, " (within %.2f %%)%n%n", snapshot.relativeError() * 100));
        draw(table(), text);
        return text.toString().replace(System.lineSeparator(), "\n");
    }

    private void draw(List<Row> table, StringBuilder text) {
        int digits = Math.max(
                "count".length(),
                String.format(Locale.ROOT, "%,d", snapshot.count()).length());
        String format = "%10s  %" + digits + "s  %8s  ";
        long most = table.stream().mapToLong(Row::count).max().orElseThrow();
        int room = width - String.format(Locale.ROOT, format, "", "", "").length();
        text.append(String.format(Locale.ROOT, format, "up to", "count", "together")
                        .stripTrailing())
                .append('\n');
        for (Row row : table) {
            String count = String.format(Locale.ROOT, "%,d", row.count);
            String share = String.format(Locale.ROOT, "%.1f %%", 100.0 * row.together / snapshot.count());
            text.append(String.format(Locale.ROOT, format, value(row.bound), count, share));
            text.append(bar((double) row.count / most, row.count > 0, room));
            while (text.charAt(text.length() - 1) == ' ') {
                text.setLength(text.length() - 1);
            }
            text.append('\n');
        }
    }

    /** Ranges between bucket bounds that are about a constant factor apart. */
    private List<Row> table() {
        double[] ends = {Double.NaN, Double.NaN};
        snapshot.forEachBucket((lower, upper, count) -> {
            if (upper > 0) {
                ends[0] = Double.isNaN(ends[0]) ? lower : ends[0];
                ends[1] = upper;
            }
        });
        List<Row> table = new ArrayList<>();
        long zeros = snapshot.countAtMost(0);
        if (zeros > 0) {
            table.add(new Row(0, zeros, zeros));
        }
        double start = Math.log(ends[0]); // NaN if there are zeros only, and then no row
        double step = (Math.log(ends[1]) - start) / rows;
        long before = zeros;
        double last = ends[0];
        for (int i = 1; i <= rows && last < ends[1]; i++) {
            double bound = i == rows ? ends[1] : snapshot.snap(Math.min(ends[1], Math.exp(start + i * step)));
            if (bound > last) {
                long together = snapshot.countAtMost(bound);
                table.add(new Row(bound, together - before, together));
                before = together;
                last = bound;
            }
        }
        return table;
    }

    private String bar(double share, boolean visible, int room) {
        int eighths = (int) Math.round(share * room * 8);
        if (ascii) {
            return "#".repeat(Math.max(visible ? 1 : 0, eighths / 8));
        }
        eighths = Math.max(visible ? 1 : 0, eighths);
        return "█".repeat(eighths / 8) + (eighths % 8 == 0 ? "" : EIGHTHS.charAt(eighths % 8));
    }

    private String value(double value) {
        if (value != 0 && !(value >= 0.001 && value < (durations ? 1e19 : 1e18))) {
            return String.format(Locale.ROOT, "%.2e", value) + (durations ? " ns" : "");
        }
        String[] names = durations ? DURATIONS : THOUSANDS;
        double rest = value;
        int step = 0;
        while (rest >= 999.5 && step < names.length - 1) {
            rest /= 1_000;
            step++;
        }
        return digits(rest) + names[step];
    }

    /** Three digits that count. */
    private static String digits(double value) {
        if (value == 0) {
            return "0";
        }
        if (value >= 9_999.5) {
            return String.format(Locale.ROOT, "%.2e", value); // of seconds
        }
        int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    @Override
    public String toString() {
        return "Plot[" + snapshot + ", durations=" + durations + ", width=" + width + ", rows=" + rows + ", ascii="
                + ascii + "]";
    }
}
