// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A small world of servers, clients and chance in which real components are tried out: minutes of traffic take seconds,
 * nothing runs on another thread, and the same seed gives the same run to the last nanosecond.
 *
 * <p>A simulation owns a {@link VirtualTime}, which components under test get as their ticker and scheduler, and hands
 * out streams of random numbers by name. Streams are independent of each other: another client or another policy does
 * not change what a server draws, so that two policies can be compared under the same arrivals.
 *
 * <p>Not thread-safe: build it and run it on one thread. An event costs O(log n) for n pending ones, about a
 * microsecond. An exception that an event throws ends the run and is thrown by {@link #run}.
 *
 * <pre>{@code
 * Simulation world = Simulation.seeded(7);
 * Server server = world.server("db").workers(16).service(Distribution.exponential(ofMillis(10))).build();
 * Recorder recorder = world.recorder();
 * world.poisson("clients", 1_000, () -> recorder.request(() -> world.timeout(server.call(), ofMillis(250))));
 * world.after(ofSeconds(10), server::down);
 * world.after(ofSeconds(20), server::up);
 * world.run(ofSeconds(60));
 * recorder.between(ofSeconds(20), ofSeconds(60)).goodShare();
 * }</pre>
 */
public final class Simulation {
    private final long seed;
    private final VirtualTime time = VirtualTime.create();
    private final Set<String> streams = new HashSet<>();
    private @Nullable Throwable failure;

    private Simulation(long seed) {
        this.seed = seed;
    }

    /**
     * Returns an empty simulation at time 0.
     *
     * @param seed decides every random number in it
     * @return a new simulation
     */
    public static Simulation seeded(long seed) {
        return new Simulation(seed);
    }

    /** {@return the time of this simulation: clock, wall time and scheduler for the components that are tried out} */
    public VirtualTime time() {
        return time;
    }

    /** {@return the time that has passed since the beginning} */
    public Duration elapsed() {
        return time.elapsed();
    }

    /**
     * Returns a new stream of random numbers that depends on the seed and the name only.
     *
     * @param name what it is for; each name can be used once, as two equal streams would be correlated
     * @return a generator, not thread-safe
     * @throws IllegalArgumentException if the name was used before
     */
    public RandomGenerator random(String name) {
        if (!streams.add(name)) {
            throw new IllegalArgumentException("name must be new: name=" + name + " (expected: one not used before)");
        }
        long hash = 0xcbf29ce484222325L; // FNV-1a over the characters, from the seed
        hash = (hash ^ seed) * 0x100000001b3L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return new SplittableRandom(mixed(hash ^ Long.rotateLeft(seed, 32)));
    }

    /** Stafford's variant 13 of the finalizer of MurmurHash3: each bit of the input moves every bit of the output. */
    private static long mixed(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /**
     * Plans an event.
     *
     * @param delay how long from now, zero or more
     * @param event what happens then
     */
    public void after(Duration delay, Runnable event) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException(
                    "delay must not be negative: delay=" + delay + " (expected: zero or more)");
        }
        afterNanos(delay.toNanos(), event);
    }

    void afterNanos(long nanos, Runnable event) {
        Objects.requireNonNull(event, "event");
        ScheduledFuture<?> unused = time.schedule(() -> fire(event), nanos, TimeUnit.NANOSECONDS);
    }

    long nanos() {
        return time.getAsLong();
    }

    /** Runs a part of the model so that what it throws ends the run instead of vanishing in a future. */
    void fire(Runnable event) {
        if (failure != null) {
            return;
        }
        try {
            event.run();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /**
     * Runs all events of a span of time.
     *
     * @param span how long, from now
     * @throws IllegalStateException if an event has thrown, with what it threw as the cause; the simulation is over then
     */
    public void run(Duration span) {
        time.advance(span);
        if (failure != null) {
            throw new IllegalStateException("an event of the simulation failed: seed=" + seed, failure);
        }
    }

    /**
     * Begins a server.
     *
     * @param name for messages and for its stream of random numbers; unique in this simulation
     * @return a builder
     */
    public Server.Builder server(String name) {
        return new Server.Builder(this, name);
    }

    /**
     * Starts independent users who come at random and do not wait for each other (open loop, a Poisson process).
     *
     * @param name for its stream of random numbers; unique in this simulation
     * @param perSecond the mean rate, zero or more; {@link Load#rate} changes it later
     * @param request what each of them does
     * @return the running load
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public Load poisson(String name, double perSecond, Runnable request) {
        return Load.open(this, random(name), perSecond, request);
    }

    /**
     * Starts clients who each wait for their reply, think and ask again (closed loop).
     *
     * @param name for its stream of random numbers; unique in this simulation
     * @param clients how many, 1 or more
     * @param thinking the time between a reply, good or bad, and the next request; at least a microsecond is taken, and
     *     each client thinks once before its first request
     * @param request starts a request
     * @return the running load
     * @throws IllegalArgumentException if there is no client
     */
    public Load closed(
            String name, int clients, Distribution thinking, Supplier<? extends CompletionStage<?>> request) {
        return Load.closed(this, random(name), clients, thinking, request);
    }

    /** {@return a recorder of requests, attempts and latencies} */
    public Recorder recorder() {
        return new Recorder(this);
    }

    /**
     * Lets a client lose patience: if the call is not done in time, it is completed with a {@link TimeoutException}.
     * The server does not notice, unless it looks ({@link Server.Builder#dropAbandoned}).
     *
     * @param call the call
     * @param limit how long to wait
     * @param <F> the type of the call
     * @return the same call
     */
    public <F extends CompletableFuture<?>> F timeout(F call, Duration limit) {
        if (!call.isDone()) {
            after(limit, () -> {
                if (!call.isDone()) {
                    call.completeExceptionally(new TimeoutException("no reply within " + limit));
                }
            });
        }
        return call;
    }

    @Override
    public String toString() {
        return "Simulation[seed=" + seed + ", elapsed=" + elapsed() + "]";
    }
}
