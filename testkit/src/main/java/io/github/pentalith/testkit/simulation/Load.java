// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Traffic that a {@link Simulation} makes, open or closed, until it is stopped. Made by {@link Simulation#poisson} and
 * {@link Simulation#closed}.
 *
 * <p>An open load keeps coming however slow the replies are, as users do; a closed one slows down with its server, as
 * batch workers do, and therefore hides overload.
 */
public final class Load {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long LEAST_THINKING = 1_000;

    private final Simulation simulation;
    private final RandomGenerator random;
    private final Runnable request;
    private final boolean open;
    private double perSecond;
    private long generation; // an arrival planned at a rate that was changed since does not happen
    private boolean stopped;
    private long started;

    private Load(Simulation simulation, RandomGenerator random, boolean open, Runnable request) {
        this.simulation = simulation;
        this.random = random;
        this.open = open;
        this.request = request;
    }

    static Load open(Simulation simulation, RandomGenerator random, double perSecond, Runnable request) {
        Load load = new Load(simulation, random, true, request);
        load.rate(perSecond);
        return load;
    }

    static Load closed(
            Simulation simulation,
            RandomGenerator random,
            int clients,
            Distribution thinking,
            Supplier<? extends CompletionStage<?>> request) {
        if (clients < 1) {
            throw new IllegalArgumentException(
                    "clients must be positive: clients=" + clients + " (expected: 1 or more)");
        }
        Load load = new Load(simulation, random, false, () -> {});
        for (int i = 0; i < clients; i++) {
            load.think(thinking, request);
        }
        return load;
    }

    private void think(Distribution thinking, Supplier<? extends CompletionStage<?>> next) {
        long pause = Math.max(LEAST_THINKING, thinking.sampleNanos(random));
        simulation.afterNanos(pause, () -> {
            if (!stopped) {
                started++;
                next.get().whenComplete((reply, error) -> simulation.fire(() -> think(thinking, next)));
            }
        });
    }

    /**
     * Changes the rate of an open load from now on.
     *
     * @param perSecond the mean number of requests per second, zero or more
     * @throws IllegalArgumentException if the rate is negative or not finite
     * @throws IllegalStateException if this load is closed-loop: its rate follows from the replies
     */
    public void rate(double perSecond) {
        if (!open) {
            throw new IllegalStateException("a closed loop has no rate of its own");
        }
        if (!(perSecond >= 0 && perSecond <= NANOS_PER_SECOND)) {
            throw new IllegalArgumentException(
                    "perSecond must be in range: perSecond=" + perSecond + " (expected: 0 to 1e9)");
        }
        this.perSecond = perSecond;
        generation++;
        planArrival();
    }

    private void planArrival() {
        if (perSecond > 0 && !stopped) {
            long planned = generation;
            long gap = Math.round(random.nextExponential() * NANOS_PER_SECOND / perSecond);
            simulation.afterNanos(gap, () -> arrive(planned));
        }
    }

    private void arrive(long planned) {
        if (planned == generation && !stopped) {
            planArrival();
            started++;
            request.run();
        }
    }

    /** Ends the load; requests that have begun go on. */
    public void stop() {
        stopped = true;
    }

    /** {@return the number of requests begun so far} */
    public long started() {
        return started;
    }
}
