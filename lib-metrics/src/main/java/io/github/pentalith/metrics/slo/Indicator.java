// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.HistogramSnapshot;
import io.github.pentalith.metrics.Timer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Something that counts events and the bad ones among them, here and, over a window, in PromQL. */
interface Indicator {
    /** Totals until now: all events, and the bad ones, in this order. */
    void read(long[] into);

    /** All events per second in PromQL; {@code range} as in {@code [5m]}. */
    String total(String range);

    /** The bad ones per second. */
    String errors(String range);

    static Indicator of(List<Counter> total, List<Counter> errors) {
        return new Counted(notEmpty("total", total), notEmpty("errors", errors));
    }

    /** Events are bad that take longer than the limit. */
    static Indicator of(Timer timer, Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException(
                    "limit must be positive: limit=" + limit + " (expected: such as PT0.25S)");
        }
        return new Timed(timer, limit, timer.snapshot().snap((double) limit.toNanos()));
    }

    private static List<Counter> notEmpty(String what, List<Counter> counters) {
        if (counters.isEmpty()) {
            throw new IllegalArgumentException(
                    what + " must not be empty: " + what + "=[] (expected: one counter or more)");
        }
        return List.copyOf(counters);
    }

    /** Counters of all events and of the bad ones. */
    record Counted(List<Counter> all, List<Counter> bad) implements Indicator {
        @Override
        public void read(long[] into) {
            into[1] = sum(bad); // first, so that the total has what these have
            into[0] = sum(all);
        }

        private static long sum(List<Counter> counters) {
            long sum = 0;
            for (Counter counter : counters) {
                sum += counter.value();
            }
            return sum;
        }

        @Override
        public String total(String range) {
            return rates(all, range);
        }

        @Override
        public String errors(String range) {
            return rates(bad, range);
        }

        private static String rates(List<Counter> counters, String range) {
            if (counters.size() == 1) {
                return "sum(rate(" + counters.get(0).series() + range + "))";
            }
            return counters.stream()
                    .map(counter -> "(sum(rate(" + counter.series() + range + ")) or vector(0))")
                    .collect(Collectors.joining(" + ", "(", ")"));
        }
    }

    /** A timer whose samples above a bound are bad. */
    record Timed(Timer timer, Duration limit, double boundNanos) implements Indicator {
        @Override
        public void read(long[] into) {
            HistogramSnapshot snapshot = timer.snapshot();
            into[0] = snapshot.count();
            into[1] = snapshot.count() - snapshot.countAtMost(boundNanos);
        }

        @Override
        public String total(String range) {
            return "sum(rate(" + series("_count", "") + range + "))";
        }

        @Override
        public String errors(String range) {
            Duration bound = timer.bucketBound(limit);
            if (bound == null) {
                throw new IllegalStateException("timer must have a bucket for the limit: timer=" + timer.series()
                        + ", limit=" + limit + " (expected: .buckets(...) with this limit where it is registered)");
            }
            String le =
                    BigDecimal.valueOf(bound.toNanos(), 9).stripTrailingZeros().toPlainString();
            String text = le.contains(".") ? le : le + ".0";
            return "(" + total(range) + " - sum(rate(" + series("_bucket", "le=\"" + text + "\"") + range + ")))";
        }

        private String series(String suffix, String more) {
            String series = timer.series();
            int brace = series.indexOf('{');
            String name = brace < 0 ? series : series.substring(0, brace);
            String labels = brace < 0 ? "" : series.substring(brace + 1, series.length() - 1);
            String all = labels + (labels.isEmpty() || more.isEmpty() ? "" : ",") + more;
            return name + suffix + (all.isEmpty() ? "" : "{" + all + "}");
        }
    }
}
