// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures what users get and what it costs: requests and how they ended, attempts that were made for them, latencies,
 * the time to recover. Made by {@link Simulation#recorder}.
 *
 * <p>A request is what a user wants, an attempt what is sent to a server for it. A request counts at the time when it
 * was made, whenever it ends; so the share of good ones in a second is exact. Counts are kept in steps of
 * {@link #STEP}; latencies of good requests are all kept, 16 bytes each.
 *
 * <p>Not thread-safe; part of one simulation.
 */
public final class Recorder {
    /** The resolution of time: the ends of every window are multiples of it. */
    public static final Duration STEP = Duration.ofMillis(100);

    private static final long STEP_NANOS = STEP.toNanos();
    private static final int HALF_SECOND = 5;

    private final Simulation simulation;
    private final Series requests = new Series();
    private final Series attempts = new Series();
    private final Series good = new Series();
    private final Series failed = new Series();
    private final Series rejected = new Series();
    private final Series replies = new Series(); // good ones, by the time of the reply
    private long[] starts = new long[1024];
    private long[] latencies = new long[1024];
    private int kept;

    Recorder(Simulation simulation) {
        this.simulation = simulation;
    }

    /**
     * Makes a request and counts it and its end: good, rejected (a {@link RejectedExecutionException}, the call was not
     * made) or failed.
     *
     * @param request starts it; if this throws, that counts as its end
     * @param <T> the type of the reply
     * @return the stage that the request returned, or a failed one
     */
    public <T> CompletionStage<T> request(Supplier<? extends CompletionStage<T>> request) {
        long start = simulation.nanos();
        requests.add(start);
        CompletionStage<T> stage;
        try {
            stage = request.get();
        } catch (RuntimeException e) {
            end(start, e);
            return CompletableFuture.failedFuture(e);
        }
        stage.whenComplete((reply, error) -> simulation.fire(() -> end(start, error)));
        return stage;
    }

    private void end(long start, @Nullable Throwable error) {
        if (error == null) {
            long now = simulation.nanos();
            good.add(start);
            replies.add(now);
            if (kept == starts.length) {
                starts = Arrays.copyOf(starts, kept * 2);
                latencies = Arrays.copyOf(latencies, kept * 2);
            }
            starts[kept] = start;
            latencies[kept++] = now - start;
        } else if (isRejection(error)) {
            rejected.add(start);
        } else {
            failed.add(start);
        }
    }

    private static boolean isRejection(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof RejectedExecutionException;
    }

    /** Counts an attempt that is sent now. */
    public void attempt() {
        attempts.add(simulation.nanos());
    }

    /**
     * Returns what was measured in a span of time.
     *
     * @param from its beginning, since the beginning of the simulation
     * @param to its end, exclusive
     * @return an immutable summary of the requests made, and the attempts sent, in that span, as they stand now
     * @throws IllegalArgumentException if the span is empty or not made of whole {@link #STEP}s
     */
    public Summary between(Duration from, Duration to) {
        int first = step("from", from);
        int end = step("to", to);
        if (first >= end) {
            throw new IllegalArgumentException("to must be after from: from=" + from + ", to=" + to);
        }
        long[] sorted = new long[kept];
        int count = 0;
        for (int i = 0; i < kept; i++) {
            if (starts[i] >= from.toNanos() && starts[i] < to.toNanos()) {
                sorted[count++] = latencies[i];
            }
        }
        sorted = Arrays.copyOf(sorted, count);
        Arrays.sort(sorted);
        return new Summary(
                to.minus(from),
                requests.sum(first, end),
                attempts.sum(first, end),
                good.sum(first, end),
                failed.sum(first, end),
                rejected.sum(first, end),
                replies.sum(first, end),
                sorted);
    }

    /**
     * Returns how long after a disturbance service was good again: from when on, in every half second of a longer
     * time, at least a given share of the requests became good.
     *
     * @param disturbance when the disturbance ended, since the beginning of the simulation
     * @param share of requests that must be good, 0 to 1
     * @param sustained for how long; the simulation must have run that long, and the requests must have ended
     * @return the time in nanoseconds, a multiple of {@link #STEP}; empty if there was no such time until now
     */
    public OptionalLong recoveryNanos(Duration disturbance, double share, Duration sustained) {
        int first = step("disturbance", disturbance);
        int length = step("sustained", sustained);
        int end = (int) (simulation.elapsed().toNanos() / STEP_NANOS);
        int needed = Math.max(1, length - HALF_SECOND + 1);
        int run = 0; // consecutive half seconds, each beginning a step later, that were good
        for (int at = first; at + HALF_SECOND <= end; at++) {
            boolean well = good.sum(at, at + HALF_SECOND) >= share * requests.sum(at, at + HALF_SECOND);
            run = well ? run + 1 : 0;
            if (run == needed) {
                return OptionalLong.of((at - run + 1L - first) * STEP_NANOS);
            }
        }
        return OptionalLong.empty();
    }

    /**
     * Returns the good replies over time, for charts.
     *
     * @param every the width of a point, a multiple of {@link #STEP}
     * @return replies per second, a number for each whole width until now
     */
    public double[] goodput(Duration every) {
        int width = step("every", every);
        int points = (int) (simulation.elapsed().toNanos() / STEP_NANOS) / width;
        double[] rates = new double[points];
        for (int i = 0; i < points; i++) {
            rates[i] = replies.sum(i * width, (i + 1) * width) * 1e9 / every.toNanos();
        }
        return rates;
    }

    private static int step(String name, Duration value) {
        long nanos = value.toNanos();
        if (nanos < 0 || nanos % STEP_NANOS != 0) {
            throw new IllegalArgumentException(
                    name + " must be whole steps: " + name + "=" + value + " (expected: a multiple of " + STEP + ")");
        }
        return Math.toIntExact(nanos / STEP_NANOS);
    }

    /** Counts per step. */
    private static final class Series {
        private long[] counts = new long[1024];

        void add(long nanos) {
            int index = (int) (nanos / STEP_NANOS);
            if (index >= counts.length) {
                counts = Arrays.copyOf(counts, Math.max(index + 1, counts.length * 2));
            }
            counts[index]++;
        }

        long sum(int from, int to) {
            long sum = 0;
            for (int i = from; i < Math.min(to, counts.length); i++) {
                sum += counts[i];
            }
            return sum;
        }
    }

    /** What was measured in a span of time. Immutable. */
    public static final class Summary {
        private final Duration span;
        private final long requests;
        private final long attempts;
        private final long good;
        private final long failed;
        private final long rejected;
        private final long replies;
        private final long[] sorted;

        private Summary(
                Duration span,
                long requests,
                long attempts,
                long good,
                long failed,
                long rejected,
                long replies,
                long[] sorted) {
            this.span = span;
            this.requests = requests;
            this.attempts = attempts;
            this.good = good;
            this.failed = failed;
            this.rejected = rejected;
            this.replies = replies;
            this.sorted = sorted;
        }

        /** {@return the requests made} */
        public long requests() {
            return requests;
        }

        /** {@return the attempts sent} */
        public long attempts() {
            return attempts;
        }

        /** {@return the requests that ended well} */
        public long good() {
            return good;
        }

        /** {@return the requests that ended badly, rejected ones not included} */
        public long failed() {
            return failed;
        }

        /** {@return the requests that were rejected} */
        public long rejected() {
            return rejected;
        }

        /** {@return the requests that have not ended yet} */
        public long open() {
            return requests - good - failed - rejected;
        }

        /** {@return the share of requests that ended well, NaN if there were none} */
        public double goodShare() {
            return (double) good / requests;
        }

        /** {@return good replies per second that came in this span} */
        public double goodput() {
            return replies * 1e9 / span.toNanos();
        }

        /** {@return attempts per request, NaN if there were none} */
        public double amplification() {
            return (double) attempts / requests;
        }

        /** {@return the mean latency of good requests in nanoseconds, NaN if there were none} */
        public double meanNanos() {
            return Arrays.stream(sorted).average().orElse(Double.NaN);
        }

        /**
         * Returns a quantile of the latencies of good requests (the smallest latency that at least that share of them
         * did not exceed).
         *
         * @param q the share, 0 to 1: 0.99 for p99
         * @return nanoseconds; 0 if there were none
         * @throws IllegalArgumentException if it is out of range
         */
        public long quantileNanos(double q) {
            if (!(q >= 0 && q <= 1)) {
                throw new IllegalArgumentException("q must be in range: q=" + q + " (expected: 0 to 1)");
            }
            return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(q * sorted.length) - 1)];
        }

        /**
         * Returns the share of requests that ended well in at most a given time.
         *
         * @param limit the time
         * @return the share, NaN if there were no requests
         */
        public double shareWithin(Duration limit) {
            long within = Arrays.stream(sorted)
                    .filter(latency -> latency <= limit.toNanos())
                    .count();
            return (double) within / requests;
        }

        @Override
        public String toString() {
            return "Summary[requests=" + requests + ", attempts=" + attempts + ", good=" + good + ", failed=" + failed
                    + ", rejected=" + rejected + ", open=" + open() + ", p99=" + Duration.ofNanos(quantileNanos(0.99))
                    + "]";
        }
    }
}
