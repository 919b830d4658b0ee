// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import static java.util.Objects.requireNonNull;

import java.util.Collection;

/**
 * A metric's value at one moment. An immutable value.
 *
 * @param metric its name
 * @param total the sum over the reporting servers, or the one value; finite, not negative
 * @param reporting servers that take part in the total, 0 or more; 0 = no value, except for {@link ScalingSpec.Kind#TOTAL}
 * @param missing running servers that should but do not report, 0 or more
 * @param starting servers that do not serve yet, whose values are not in the total, 0 or more
 */
public record MetricSample(String metric, double total, int reporting, int missing, int starting) {
    /**
     * Checks the numbers.
     *
     * @param metric as in {@link #metric()}
     * @param total as in {@link #total()}
     * @param reporting as in {@link #reporting()}
     * @param missing as in {@link #missing()}
     * @param starting as in {@link #starting()}
     * @throws IllegalArgumentException if one is negative or not finite
     */
    public MetricSample {
        requireNonNull(metric, "metric");
        if (!(total >= 0 && total < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "total must be finite and not negative: total=" + total + " (expected: 0 or more)");
        }
        ScalingSpec.atLeast("reporting", 0, reporting);
        ScalingSpec.atLeast("missing", 0, missing);
        ScalingSpec.atLeast("starting", 0, starting);
    }

    /**
     * {@return a sample of values per server; one that is not finite or negative counts as missing}
     *
     * @param metric its name
     * @param values one per running server
     */
    public static MetricSample of(String metric, Collection<Double> values) {
        double total = 0;
        int reporting = 0;
        for (double value : values) {
            if (value >= 0 && value < Double.POSITIVE_INFINITY) {
                total += value;
                reporting++;
            }
        }
        return new MetricSample(metric, total, reporting, values.size() - reporting, 0);
    }

    /**
     * {@return a sample of one value for all}
     *
     * @param metric its name
     * @param value the total, or the value
     * @param serving how many servers serve
     */
    public static MetricSample of(String metric, double value, int serving) {
        return new MetricSample(metric, value, serving, 0, 0);
    }

    /**
     * {@return this sample, with servers that do not serve yet}
     *
     * @param servers how many, 0 or more
     */
    public MetricSample starting(int servers) {
        return new MetricSample(metric, total, reporting, missing, servers);
    }
}
