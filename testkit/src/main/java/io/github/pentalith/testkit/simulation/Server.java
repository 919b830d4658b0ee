// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A simulated server: some workers, a first-in-first-out queue before them, random service times. It can be made slow,
 * pause, fail and come back while the simulation runs. Made by {@link Simulation#server}.
 *
 * <p>A call takes a worker for its service time divided by the speed of the server; with all workers busy it waits in
 * the queue; with a full queue it is refused. A server works on what its client has given up, as real ones do, unless
 * told otherwise: that waste is what retry storms live from.
 *
 * <p>Not thread-safe; part of one simulation.
 */
public final class Server {
    private final Simulation simulation;
    private final String name;
    private final RandomGenerator random;
    private final int workers;
    private final int capacity;
    private final Distribution service;
    private final long networkNanos;
    private final long failureNanos;
    private final boolean dropAbandoned;
    private final @Nullable Supplier<? extends CompletionStage<?>> dependency;

    private final ArrayDeque<Call> queue = new ArrayDeque<>();
    private final Set<Call> serving = new LinkedHashSet<>(); // in the order of their begin, so that runs are equal
    private final List<Call> frozen = new ArrayList<>(); // would have ended during the present pause
    private double speed;
    private double failureRate;
    private boolean down;
    private boolean paused;
    private long pausedSince;
    private long pausedNanos; // of all pauses that have ended

    private long arrivals;
    private long completed;
    private long failed;
    private long wasted;
    private long dropped;

    private Server(Builder builder) {
        simulation = builder.simulation;
        name = builder.name;
        random = simulation.random("server " + name);
        workers = builder.workers;
        capacity = builder.queue;
        service = builder.service;
        networkNanos = builder.network.toNanos();
        failureNanos = builder.failureTime.toNanos();
        dropAbandoned = builder.dropAbandoned;
        dependency = builder.dependency;
        speed = builder.speed;
    }

    /** A call on its way through the server; the client may complete it first, by cancelling or by a timeout. */
    private static final class Call extends CompletableFuture<Server> {
        long end; // when its service ends, pauses before pausesSeen included
        long pausesSeen;
    }

    /**
     * Sends a call.
     *
     * @return completes with this server, or with a {@link ServerFailedException}
     */
    public CompletableFuture<Server> call() {
        Call call = new Call();
        if (networkNanos == 0) {
            arrive(call);
        } else {
            simulation.afterNanos(networkNanos, () -> arrive(call));
        }
        return call;
    }

    private void arrive(Call call) {
        arrivals++;
        if (down) {
            fail(call, ServerFailedException.Reason.DOWN, failureNanos);
        } else if (serving.size() < workers && !paused) {
            begin(call);
        } else if (queue.size() < capacity) {
            queue.add(call);
        } else {
            fail(call, ServerFailedException.Reason.FULL, 0);
        }
    }

    private void begin(Call call) {
        long time = Math.round(service.sampleNanos(random) / speed);
        serving.add(call);
        call.end = simulation.nanos() + time;
        call.pausesSeen = pausedNanos;
        simulation.afterNanos(time, () -> elapse(call));
    }

    /** The service time of a call is over, unless the server died or paused meanwhile. */
    private void elapse(Call call) {
        if (!serving.contains(call)) {
            return;
        }
        if (paused) {
            frozen.add(call);
            return;
        }
        long pause = pausedNanos - call.pausesSeen;
        if (pause > 0) {
            call.pausesSeen = pausedNanos;
            call.end += pause;
            simulation.afterNanos(call.end - simulation.nanos(), () -> elapse(call));
        } else if (dependency == null) {
            finish(call, null);
        } else {
            dependency
                    .get()
                    .whenComplete((reply, error) -> simulation.fire(() -> {
                        if (serving.contains(call)) {
                            finish(call, error);
                        }
                    }));
        }
    }

    private void finish(Call call, @Nullable Throwable error) {
        serving.remove(call);
        if (call.isDone()) {
            wasted++;
        }
        if (error != null) {
            failed++;
            reply(0, () -> call.completeExceptionally(new ServerFailedException(name, error)));
        } else if (failureRate > 0 && random.nextDouble() < failureRate) {
            fail(call, ServerFailedException.Reason.ERROR, 0);
        } else {
            completed++;
            reply(0, () -> call.complete(this));
        }
        beginNext();
    }

    private void beginNext() {
        while (serving.size() < workers && !paused && !queue.isEmpty()) {
            Call next = queue.remove();
            if (dropAbandoned && next.isDone()) {
                dropped++;
            } else {
                begin(next);
            }
        }
    }

    private void fail(Call call, ServerFailedException.Reason reason, long delayNanos) {
        failed++;
        reply(delayNanos, () -> call.completeExceptionally(new ServerFailedException(name, reason)));
    }

    private void reply(long delayNanos, Runnable reply) {
        long delay = delayNanos + networkNanos;
        if (delay == 0) {
            reply.run();
        } else {
            simulation.afterNanos(delay, reply);
        }
    }

    /** Kills the server: all its calls fail now, later ones after the failure time, until {@link #up}. */
    public void down() {
        if (!down) {
            down = true;
            List<Call> lost = new ArrayList<>(serving);
            lost.addAll(queue);
            serving.clear();
            queue.clear();
            frozen.clear();
            lost.forEach(call -> fail(call, ServerFailedException.Reason.DOWN, 0));
        }
    }

    /** Brings the server back, empty. */
    public void up() {
        down = false;
    }

    /** Stops the server in the middle of all work, as a garbage collection or SIGSTOP does: nothing fails, all waits. */
    public void pause() {
        if (!paused) {
            paused = true;
            pausedSince = simulation.nanos();
        }
    }

    /** Ends a pause. */
    public void resume() {
        if (paused) {
            paused = false;
            pausedNanos += simulation.nanos() - pausedSince;
            List<Call> thawed = List.copyOf(frozen);
            frozen.clear();
            thawed.forEach(this::elapse);
            beginNext();
        }
    }

    /**
     * Changes the speed for calls that begin from now on.
     *
     * @param speed 1 is the speed for which the service times are given, 0.1 takes ten times as long
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public void speed(double speed) {
        this.speed = checkedSpeed(speed);
    }

    /**
     * Lets calls fail at the end of their service.
     *
     * @param rate the share of calls that fail, 0 to 1
     * @throws IllegalArgumentException if it is out of range
     */
    public void failureRate(double rate) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("rate must be in range: rate=" + rate + " (expected: 0 to 1)");
        }
        failureRate = rate;
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return the calls in service and in the queue} */
    public int load() {
        return serving.size() + queue.size();
    }

    /** {@return the speed} */
    public double speed() {
        return speed;
    }

    /** {@return the calls that have come so far} */
    public long arrivals() {
        return arrivals;
    }

    /** {@return the calls that were answered well, wasted ones included} */
    public long completed() {
        return completed;
    }

    /** {@return the calls that were answered badly} */
    public long failed() {
        return failed;
    }

    /** {@return the calls that were served although their clients had given up} */
    public long wasted() {
        return wasted;
    }

    /** {@return the calls that were dropped from the queue because their clients had given up} */
    public long dropped() {
        return dropped;
    }

    @Override
    public String toString() {
        return "Server[" + name + ", workers=" + workers + ", service=" + service + ", speed=" + speed
                + (down ? ", down" : "") + (paused ? ", paused" : "") + ", serving=" + serving.size() + ", queued="
                + queue.size() + "]";
    }

    private static double checkedSpeed(double speed) {
        if (!(speed > 0 && speed <= 1e6)) {
            throw new IllegalArgumentException(
                    "speed must be in range: speed=" + speed + " (expected: more than 0, at most 1e6)");
        }
        return speed;
    }

    /** Collects the settings of a server; see the methods for the defaults. */
    public static final class Builder {
        private final Simulation simulation;
        private final String name;
        private int workers = 1;
        private int queue = Integer.MAX_VALUE;
        private Distribution service = Distribution.exponential(Duration.ofMillis(10));
        private double speed = 1;
        private Duration network = Duration.ZERO;
        private Duration failureTime = Duration.ofMillis(1);
        private boolean dropAbandoned;
        private @Nullable Supplier<? extends CompletionStage<?>> dependency;

        Builder(Simulation simulation, String name) {
            this.simulation = simulation;
            this.name = name;
        }

        /**
         * Sets how many calls are served at one time.
         *
         * @param workers 1 or more; 1 unless given
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder workers(int workers) {
            if (workers < 1) {
                throw new IllegalArgumentException(
                        "workers must be positive: workers=" + workers + " (expected: 1 or more)");
            }
            this.workers = workers;
            return this;
        }

        /**
         * Sets how many calls may wait for a worker.
         *
         * @param capacity 0 or more; unlimited unless given
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder queue(int capacity) {
            if (capacity < 0) {
                throw new IllegalArgumentException(
                        "capacity must not be negative: capacity=" + capacity + " (expected: 0 or more)");
            }
            this.queue = capacity;
            return this;
        }

        /**
         * Sets how long a call takes a worker.
         *
         * @param service the distribution; exponential with a mean of 10 ms unless given
         * @return this
         */
        public Builder service(Distribution service) {
            this.service = service;
            return this;
        }

        /**
         * Sets the speed to begin with.
         *
         * @param speed as in {@link Server#speed(double)}; 1 unless given
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder speed(double speed) {
            this.speed = checkedSpeed(speed);
            return this;
        }

        /**
         * Sets the time on the wire. With any, a call reaches the server in an event of its own, as in another process.
         *
         * @param oneWay from client to server and again back; zero unless given
         * @return this
         */
        public Builder network(Duration oneWay) {
            this.network = oneWay;
            return this;
        }

        /**
         * Sets how fast the server fails while it is down.
         *
         * @param time until the bad reply; 1 ms unless given
         * @return this
         */
        public Builder failureTime(Duration time) {
            this.failureTime = time;
            return this;
        }

        /**
         * Lets the server look, before it begins a call, whether the client still waits, as one that honours deadlines
         * does.
         *
         * @return this
         */
        public Builder dropAbandoned() {
            this.dropAbandoned = true;
            return this;
        }

        /**
         * Makes the server a middle tier: after its own service time each call makes a call of its own, keeps its worker
         * until the reply, and fails if that fails.
         *
         * @param dependency starts the call to the next tier
         * @return this
         */
        public Builder dependsOn(Supplier<? extends CompletionStage<?>> dependency) {
            this.dependency = dependency;
            return this;
        }

        /**
         * {@return the server, running}
         *
         * @throws IllegalArgumentException if the simulation has a server of this name
         */
        public Server build() {
            return new Server(this);
        }
    }
}
