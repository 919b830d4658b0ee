// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import java.time.Duration;

/**
 * How many servers a load needs. An immutable value; all answers are constant-time arithmetic.
 *
 * <p>By Little's law a system that takes {@code rate} requests a second and keeps each for {@code latency} holds
 * {@code rate x latency} of them at a time. A server that works on {@code workers} at a time therefore carries
 * {@code workers / latency} a second. The fleet is sized for the peak, with some of each server left free, because queues
 * grow without bound as utilisation comes near 1, and with spare servers for those that fail.
 *
 * <pre>{@code
 * Capacity links = Capacity.of(1_200, Duration.ofMillis(50), 8)   // 60 in flight: 7.5 servers if all were perfect
 *         .peakFactor(3).headroom(0.3).spare(1);
 * links.servers();                                                // 34: 3 x 60 / (8 x 0.7), rounded up, and one more
 * }</pre>
 *
 * <p>Sources: J. D. C. Little, "A proof for the queuing formula L = lambda W", 1961, doi:10.1287/opre.9.3.383; G. M. Amdahl,
 * "Validity of the single processor approach", 1967, doi:10.1145/1465482.1465560.
 */
public final class Capacity {
    private static final double ROUNDING = 1e-9; // so that 3.0000000000000004 servers are 3

    private final double rate;
    private final Duration latency;
    private final int workers;
    private final double peakFactor;
    private final double headroom;
    private final int spare;

    private Capacity(double rate, Duration latency, int workers, double peakFactor, double headroom, int spare) {
        this.rate = rate;
        this.latency = latency;
        this.workers = workers;
        this.peakFactor = peakFactor;
        this.headroom = headroom;
        this.spare = spare;
    }

    /**
     * A load, without allowance for anything.
     *
     * @param rate mean requests per second, 0 or more
     * @param latency how long a server is busy with one, positive
     * @param workers how many requests a server works on at a time, 1 or more: threads, connections, cores
     * @return the capacity question
     * @throws IllegalArgumentException if one is out of its range
     */
    public static Capacity of(double rate, Duration latency, int workers) {
        if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "rate must be finite and not negative: rate=" + rate + " (expected: 0 or more per second)");
        }
        if (latency.isZero() || latency.isNegative()) {
            throw new IllegalArgumentException(
                    "latency must be positive: latency=" + latency + " (expected: more than 0)");
        }
        if (workers < 1) {
            throw new IllegalArgumentException(
                    "workers must be in range: workers=" + workers + " (expected: 1 or more)");
        }
        return new Capacity(rate, latency, workers, 1, 0, 0);
    }

    /**
     * {@return the same for a peak}
     *
     * @param factor the peak's rate over the mean rate, 1 or more
     * @throws IllegalArgumentException if less
     */
    public Capacity peakFactor(double factor) {
        if (!(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "peakFactor must be in range: peakFactor=" + factor + " (expected: 1 or more)");
        }
        return new Capacity(rate, latency, workers, factor, headroom, spare);
    }

    /**
     * {@return the same with a share of every server left free at the peak}
     *
     * @param share 0 or more, less than 1
     * @throws IllegalArgumentException if out of range
     */
    public Capacity headroom(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "headroom must be in range: headroom=" + share + " (expected: 0 or more, less than 1)");
        }
        return new Capacity(rate, latency, workers, peakFactor, share, spare);
    }

    /**
     * {@return the same with servers to spare}
     *
     * @param servers how many may fail at the peak, 0 or more
     * @throws IllegalArgumentException if negative
     */
    public Capacity spare(int servers) {
        if (servers < 0) {
            throw new IllegalArgumentException(
                    "spare must not be negative: spare=" + servers + " (expected: 0 or more)");
        }
        return new Capacity(rate, latency, workers, peakFactor, headroom, servers);
    }

    /** {@return the requests in the system at a time, on the average, by Little's law} */
    public double concurrency() {
        return rate * seconds();
    }

    /** {@return the requests per second that one server carries with its headroom kept} */
    public double ratePerServer() {
        return workers * (1 - headroom) / seconds();
    }

    /**
     * {@return the servers that are needed: 1 or more, as many as fit in a {@code long}}
     */
    public long servers() {
        double exact = concurrency() * peakFactor / (workers * (1 - headroom));
        return (long) Math.max(1, Math.ceil(exact - ROUNDING * Math.max(1, exact))) + spare;
    }

    /**
     * {@return how busy servers are at the peak, 1 = entirely; above 1 the queue grows without end}
     *
     * @param servers how many serve, 1 or more
     * @throws IllegalArgumentException if less
     */
    public double utilization(long servers) {
        if (servers < 1) {
            throw new IllegalArgumentException(
                    "servers must be in range: servers=" + servers + " (expected: 1 or more)");
        }
        return concurrency() * peakFactor / ((double) servers * workers);
    }

    private double seconds() {
        return latency.getSeconds() + latency.getNano() * 1e-9;
    }

    /**
     * Amdahl's law: how much faster work becomes on more servers when only a part of it can be shared.
     *
     * @param parallel the share of the work that can be divided, 0 to 1
     * @param servers how many divide it, 1 or more
     * @return the speed-up, 1 to {@code servers}
     * @throws IllegalArgumentException if one is out of its range
     */
    public static double speedup(double parallel, long servers) {
        if (servers < 1) {
            throw new IllegalArgumentException(
                    "servers must be in range: servers=" + servers + " (expected: 1 or more)");
        }
        return 1 / (1 - share(parallel) + parallel / servers);
    }

    /**
     * Amdahl's bound: what no number of servers exceeds.
     *
     * @param parallel the share of the work that can be divided, 0 to 1
     * @return the limit of {@link #speedup}; infinity if all of it can
     * @throws IllegalArgumentException if out of range
     */
    public static double speedupBound(double parallel) {
        return 1 / (1 - share(parallel));
    }

    private static double share(double parallel) {
        if (!(parallel >= 0 && parallel <= 1)) {
            throw new IllegalArgumentException(
                    "parallel must be in range: parallel=" + parallel + " (expected: 0 to 1)");
        }
        return parallel;
    }

    /** {@return all that was given} */
    @Override
    public String toString() {
        return "Capacity[rate=" + rate + "/s, latency=" + latency + ", workers=" + workers + ", peakFactor="
                + peakFactor + ", headroom=" + headroom + ", spare=" + spare + "]";
    }
}
