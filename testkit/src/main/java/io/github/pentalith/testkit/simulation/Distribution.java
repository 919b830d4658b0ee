// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long things take: a probability distribution of durations, named by its mean so that loads stay equal when the
 * shape changes.
 *
 * <p>Immutable. A sample takes tens of nanoseconds and no memory.
 */
public final class Distribution {
    private final String description;
    private final double meanNanos;
    private final Sampler sampler;

    private interface Sampler {
        double nanos(RandomGenerator random);
    }

    private Distribution(String description, double meanNanos, Sampler sampler) {
        this.description = description;
        this.meanNanos = meanNanos;
        this.sampler = sampler;
    }

    /**
     * Always the same.
     *
     * @param value the time
     * @return the distribution
     * @throws IllegalArgumentException if it is negative
     */
    public static Distribution constant(Duration value) {
        double nanos = nanos("value", value);
        return new Distribution("constant(" + value + ")", nanos, random -> nanos);
    }

    /**
     * Memoryless: service times of the classic queueing formulas, pauses between independent events.
     *
     * @param mean the mean
     * @return the distribution
     * @throws IllegalArgumentException if it is negative
     */
    public static Distribution exponential(Duration mean) {
        double nanos = nanos("mean", mean);
        return new Distribution("exponential(" + mean + ")", nanos, random -> nanos * random.nextExponential());
    }

    /**
     * The logarithm is normal: most measured service times look like this. Its coefficient of variation is
     * {@code sqrt(exp(sigma^2) - 1)}: 0.53 for 0.5, 1.31 for 1.
     *
     * @param mean the mean of the times, not of the logarithms
     * @param sigma the standard deviation of the logarithms, more than 0
     * @return the distribution
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static Distribution lognormal(Duration mean, double sigma) {
        double nanos = nanos("mean", mean);
        if (!(sigma > 0 && sigma <= 5)) {
            throw new IllegalArgumentException(
                    "sigma must be in range: sigma=" + sigma + " (expected: more than 0, at most 5)");
        }
        double median = nanos * Math.exp(-sigma * sigma / 2);
        return new Distribution(
                "lognormal(" + mean + ", " + sigma + ")",
                nanos,
                random -> median * Math.exp(sigma * random.nextGaussian()));
    }

    /**
     * A heavy tail: a few calls take very long. Up to a shape of 2 the variance is infinite.
     *
     * @param mean the mean
     * @param shape the exponent of the tail, more than 1, or the mean would be infinite
     * @return the distribution
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static Distribution pareto(Duration mean, double shape) {
        double nanos = nanos("mean", mean);
        if (!(shape > 1 && shape <= 100)) {
            throw new IllegalArgumentException(
                    "shape must be in range: shape=" + shape + " (expected: more than 1, at most 100)");
        }
        double least = nanos * (shape - 1) / shape;
        return new Distribution(
                "pareto(" + mean + ", " + shape + ")",
                nanos,
                random -> least * Math.exp(random.nextExponential() / shape));
    }

    private static double nanos(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    name + " must not be negative: " + name + "=" + value + " (expected: zero or more)");
        }
        return value.toNanos();
    }

    /** {@return the mean} */
    public Duration mean() {
        return Duration.ofNanos(Math.round(meanNanos));
    }

    /**
     * Draws a time.
     *
     * @param random where chance comes from
     * @return nanoseconds, zero or more, less than 292 years
     */
    public long sampleNanos(RandomGenerator random) {
        return Math.round(sampler.nanos(random));
    }

    @Override
    public String toString() {
        return description;
    }
}
