// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Unit;

/** Writes series as lines; the two formats differ in headers only. */
final class TextCollector implements MetricRegistry.Collector {
    private final TextBuffer out;
    private final boolean openMetrics;
    private byte[] name = new byte[64];
    private int nameLength;
    private int sampleLength; // of the name with what follows it in the samples of this kind

    TextCollector(TextBuffer out, boolean openMetrics) {
        this.out = out;
        this.openMetrics = openMetrics;
    }

    @Override
    public void family(String family, MetricRegistry.Kind kind, Unit unit, String help) {
        keep(family, kind == MetricRegistry.Kind.COUNTER ? "_total" : "");
        boolean total = kind == MetricRegistry.Kind.COUNTER && !openMetrics;
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
        out.ascii(keyword);
        out.raw(name, nameLength);
        out.ascii(total ? "_total " : " ");
    }

    @Override
    public void counter(byte[] labels, double value) {
        out.sample(name, sampleLength, labels, value);
    }

    @Override
    public void gauge(byte[] labels, double value) {
        out.sample(name, sampleLength, labels, value);
    }

    @Override
    public void histogram(byte[] labels, double[] upperBounds, long[] cumulative, double sum) {
        for (int i = 0; i <= upperBounds.length; i++) {
            out.raw(name, nameLength);
            out.ascii("_bucket{");
            if (labels.length > 0) {
                out.raw(labels);
                out.ascii(',');
            }
            out.ascii("le=\"");
            bound(i < upperBounds.length ? upperBounds[i] : Double.POSITIVE_INFINITY);
            out.ascii("\"} ");
            out.integer(cumulative[i]);
            out.ascii('\n');
        }
        sample("_sum", labels, sum);
        sample("_count", labels, (double) cumulative[upperBounds.length]);
    }

    /** OpenMetrics wants bounds to look like floating-point numbers. */
    private void bound(double value) {
        out.number(value);
        if (value == Math.rint(value) && value < 1L << 53) {
            out.ascii(".0");
        }
    }

    private void sample(String suffix, byte[] labels, double value) {
        out.raw(name, nameLength);
        out.ascii(suffix);
        if (labels.length > 0) {
            out.ascii('{');
            out.raw(labels);
            out.ascii('}');
        }
        out.ascii(' ');
        out.number(value);
        out.ascii('\n');
    }
}
