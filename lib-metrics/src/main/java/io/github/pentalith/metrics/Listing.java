// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/** The series that a family has at one time; another listing takes its place when they change. */
final class Listing implements MetricRegistry.Series {
    private final byte[][] labels;
    private final Object[] metrics; // an array of the family's type
    private final boolean nanoseconds;

    Listing(byte[][] labels, Object[] metrics, boolean nanoseconds) {
        this.labels = labels;
        this.metrics = metrics;
        this.nanoseconds = nanoseconds;
    }

    int size() {
        return metrics.length;
    }

    @Override
    public byte[][] labels() {
        return labels;
    }

    @Override
    public double value(int index) {
        double[] value = new double[1];
        read(index, value);
        return value[0];
    }

    @Override
    public int read(int from, double[] into) {
        int count = Math.min(into.length, metrics.length - from);
        if (metrics instanceof Counter[] counters) {
            for (int i = 0; i < count; i++) {
                into[i] = counters[from + i].value();
            }
            for (int i = 0; nanoseconds && i < count; i++) {
                into[i] /= 1e9;
            }
        } else if (metrics instanceof Gauge[] gauges) {
            for (int i = 0; i < count; i++) {
                into[i] = gauges[from + i].value();
            }
        }
        return count;
    }

    void collect(MetricRegistry.Collector to, long[] scratch) {
        if (metrics instanceof Counter[]) {
            to.counters(this);
        } else if (metrics instanceof Gauge[]) {
            to.gauges(this);
        } else {
            for (int i = 0; i < metrics.length; i++) {
                distribution(metrics[i]).collect(labels[i], to, scratch);
            }
        }
    }

    static void close(Object metric) {
        if (metric instanceof Timer || metric instanceof Histogram) {
            distribution(metric).close();
        }
    }

    private static Distribution distribution(Object metric) {
        return metric instanceof Timer timer ? timer.distribution() : ((Histogram) metric).distribution();
    }
}
