// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Unit;

/**
 * Writes series as lines; the two formats differ in headers only. Labels of a series and bounds of a histogram are the
 * same arrays in every scrape.
 */
final class TextCollector implements MetricRegistry.Collector {
    private final ScrapeText text;
    private final boolean openMetrics;
    private byte[] name = new byte[64];
    private int nameLength;
    private int sampleLength; // of the name with what follows it in the samples of this kind

    TextCollector(ScrapeText text, boolean openMetrics) {
        this.text = text;
        this.openMetrics = openMetrics;
    }

    @Override
    public void family(String family, MetricRegistry.Kind kind, Unit unit, String help) {
        keep(family, kind == MetricRegistry.Kind.COUNTER ? "_total" : "");
        text.resume();
        text.mark(family);
        text.mark(help);
        text.mark(unit);
        if (!text.same(kind)) {
            headers(kind, unit, help);
        }
        text.end();
    }

    private void headers(MetricRegistry.Kind kind, Unit unit, String help) {
        boolean total = kind == MetricRegistry.Kind.COUNTER && !openMetrics;
        TextBuffer out = text.out();
        header("# TYPE ", total);
        out.ascii(
                switch (kind) {
                    case COUNTER -> "counter";
                    case GAUGE -> "gauge";
                    case HISTOGRAM -> "histogram";
                });
        out.ascii('\n');
        if (openMetrics && unit != Unit.NONE) {
            header("# UNIT ", false);
            out.ascii(unit.suffix());
            out.ascii('\n');
        }
        header("# HELP ", total);
        out.help(help, openMetrics);
        out.ascii('\n');
    }

    /** The name as bytes, as it comes before each sample. */
    private void keep(String family, String suffix) {
        nameLength = family.length();
        sampleLength = nameLength + suffix.length();
        if (name.length < sampleLength) {
            name = new byte[sampleLength * 2];
        }
        for (int i = 0; i < sampleLength; i++) {
            name[i] = (byte) (i < nameLength ? family.charAt(i) : suffix.charAt(i - nameLength));
        }
    }

    private void header(String keyword, boolean total) {
        text.out().ascii(keyword);
        text.out().raw(name, nameLength);
        text.out().ascii(total ? "_total " : " ");
    }

    @Override
    public void counter(byte[] labels, double value) {
        line(labels, value);
    }

    @Override
    public void gauge(byte[] labels, double value) {
        line(labels, value);
    }

    @Override
    public void counters(MetricRegistry.Series counters) {
        lines(counters);
    }

    @Override
    public void gauges(MetricRegistry.Series gauges) {
        lines(gauges);
    }

    private void lines(MetricRegistry.Series series) {
        byte[][] labels = series.labels();
        boolean known = text.block(labels);
        double[] values = text.values();
        int from = 0;
        while (from < labels.length) {
            int count = series.read(from, values);
            int done = 0;
            while (done < count) {
                done = known ? text.numbers(values, done, count) : done;
                if (done < count) {
                    line(labels[from + done], values[done]);
                    done++;
                }
            }
            from += count;
        }
    }

    private void line(byte[] labels, double value) {
        if (!text.same(labels)) {
            text.out().raw(name, sampleLength);
            labels(labels);
        }
        text.number(value);
    }

    private void labels(byte[] labels) {
        TextBuffer out = text.out();
        if (labels.length > 0) {
            out.ascii('{');
            out.raw(labels);
            out.ascii('}');
        }
        out.ascii(' ');
    }

    @Override
    public void histogram(byte[] labels, double[] upperBounds, long[] cumulative, double sum) {
        text.mark(upperBounds);
        for (int i = 0; i <= upperBounds.length; i++) {
            if (!text.same(labels)) {
                bucket(labels, i < upperBounds.length ? upperBounds[i] : Double.POSITIVE_INFINITY);
            }
            text.integer(cumulative[i]);
        }
        if (!text.same(labels)) {
            suffixed("_sum", labels);
        }
        text.number(sum);
        if (!text.same(labels)) {
            suffixed("_count", labels);
        }
        text.integer(cumulative[upperBounds.length]);
    }

    private void bucket(byte[] labels, double bound) {
        TextBuffer out = text.out();
        out.raw(name, nameLength);
        out.ascii("_bucket{");
        if (labels.length > 0) {
            out.raw(labels);
            out.ascii(',');
        }
        out.ascii("le=\"");
        out.number(bound);
        if (bound == Math.rint(bound) && bound < 1L << 53) {
            out.ascii(".0"); // OpenMetrics wants bounds to look like floating-point numbers
        }
        out.ascii("\"} ");
    }

    private void suffixed(String suffix, byte[] labels) {
        text.out().raw(name, nameLength);
        text.out().ascii(suffix);
        labels(labels);
    }
}
