// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import io.github.pentalith.resilience.Admission;
import io.github.pentalith.testkit.simulation.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The way of one client's calls: attempt timeout, retries with full jitter, a budget, and the real gates of
 * lib-resilience as {@link Admission}s, in the order of its {@code Pipeline}: budget, then gates from outside to inside,
 * tokens given back in reverse. It walks by hand what the asynchronous pipeline walks, on the time of a simulation.
 */
final class Caller {
    private static final Duration BASE = Duration.ofMillis(50);
    private static final Duration CAP = Duration.ofSeconds(1);

    private final Simulation world;
    private final RandomGenerator random;
    private final int maxAttempts;
    private final double ratio; // of the budget; infinite: no budget
    private final Duration deadline;
    private final Duration attemptTimeout;
    private final List<Admission> gates;
    private double tokens = RESERVE; // each call pays in the ratio, each retry takes one out

    static final double RESERVE = 10;

    Caller(
            Simulation world,
            RandomGenerator random,
            int maxAttempts,
            double ratio,
            Duration deadline,
            Duration attemptTimeout,
            List<Admission> gates) {
        this.world = world;
        this.random = random;
        this.maxAttempts = maxAttempts;
        this.ratio = ratio;
        this.deadline = deadline;
        this.attemptTimeout = attemptTimeout;
        this.gates = gates;
    }

    <T> CompletableFuture<T> call(Supplier<CompletableFuture<T>> work) {
        tokens = Double.isInfinite(ratio) ? ratio : Math.min(RESERVE, tokens + ratio);
        CompletableFuture<T> result = new CompletableFuture<>();
        attempt(work, result, 1, now() + deadline.toNanos());
        return result;
    }

    private long now() {
        return world.time().getAsLong();
    }

    private <T> void attempt(Supplier<CompletableFuture<T>> work, CompletableFuture<T> result, int number, long end) {
        long start = now();
        long[] permits = new long[gates.size()];
        for (int i = 0; i < permits.length; i++) {
            permits[i] = gates.get(i).tryAcquire(start);
            if (permits[i] < 0) {
                for (int j = i - 1; j >= 0; j--) {
                    gates.get(j).release(permits[j]);
                }
                result.completeExceptionally(new Rejected(gates.get(i).name()));
                return;
            }
        }
        Duration patience = Duration.ofNanos(Math.min(attemptTimeout.toNanos(), end - start));
        world.timeout(work.get(), patience).whenComplete((reply, error) -> {
            settle(permits, start, error);
            if (error == null) {
                result.complete(reply);
            } else {
                retry(work, result, number, end, error);
            }
        });
    }

    private void settle(long[] permits, long start, @Nullable Throwable error) {
        for (int i = permits.length - 1; i >= 0; i--) {
            if (error == null) {
                gates.get(i).success(permits[i], start, now());
            } else {
                gates.get(i).failure(permits[i], start, now(), error);
            }
        }
    }

    private <T> void retry(
            Supplier<CompletableFuture<T>> work, CompletableFuture<T> result, int number, long end, Throwable error) {
        double bound = Math.min(CAP.toNanos(), BASE.toNanos() * Math.pow(2, number - 1));
        long delay = (long) (random.nextDouble() * bound);
        if (number >= maxAttempts || now() + delay >= end || tokens < 1) {
            result.completeExceptionally(error);
            return;
        }
        tokens -= 1;
        world.after(Duration.ofNanos(delay), () -> attempt(work, result, number + 1, end));
    }

    /** A refusal by a gate, without stack trace. */
    private static final class Rejected extends RejectedExecutionException {
        private static final long serialVersionUID = 1L;

        Rejected(String gate) {
            super(gate);
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }
}
