// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import java.util.List;
import java.util.Locale;

/**
 * Something that a scenario promises.
 *
 * @param what the promise
 * @param from the least allowed value
 * @param to the largest allowed value
 * @param measured the value, of the worst seed where there are several
 */
record Bar(String what, double from, double to, double measured) {

    static Bar atMost(String what, double limit, double measured) {
        return new Bar(what, Double.NEGATIVE_INFINITY, limit, measured);
    }

    static Bar atLeast(String what, double limit, double measured) {
        return new Bar(what, limit, Double.POSITIVE_INFINITY, measured);
    }

    /** Within a share of a figure that somebody else has published or proved. */
    static Bar near(String what, double published, double tolerance, double measured) {
        return new Bar(what, published * (1 - tolerance), published * (1 + tolerance), measured);
    }

    boolean kept() {
        return measured >= from && measured <= to; // false for NaN
    }

    static String table(List<Bar> bars) {
        MarkdownTable table = new MarkdownTable("bar", "from", "to", "measured", "kept");
        for (Bar bar : bars) {
            table.row(bar.what, limit(bar.from), limit(bar.to), number(bar.measured), bar.kept() ? "yes" : "**NO**");
        }
        return table.toString();
    }

    private static String limit(double value) {
        return Double.isInfinite(value) ? "-" : number(value);
    }

    static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(value);
        String format = size >= 1_000 ? "%,.0f" : size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }
}
