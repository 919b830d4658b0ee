// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a fleet at the size that {@link HorizontalScaler} decides: measures, decides, acts, once per interval.
 *
 * <pre>{@code
 * ScalingController scaler = ScalingController.builder("nodes", ScalingSpec.of(2, 20, Metric.average("inFlight", 8)), fleet)
 *         .metrics(() -> List.of(inFlightPerNode(nodes.stats())))
 *         .coolDown(Duration.ofSeconds(30), Duration.ofMinutes(5))
 *         .build();
 * }</pre>
 *
 * <p><b>At most one action is in flight.</b> While it is, and for the cool-down after it, the metrics are still read and
 * remembered, so that the stabilisation windows have no gap, but nothing is done. A fleet outside its bounds is brought
 * back without waiting for a cool-down.
 *
 * <p><b>Failure.</b> Metrics that cannot be read are missing metrics: no change. An action that fails leaves the state as
 * it was, so the next interval decides afresh; it starts no cool-down. An action that never ends blocks all others, because
 * giving it up could make two: an actuator bounds its own time.
 *
 * <p>Thread-safe. Metrics and actuator are called on the executor, one call at a time. Owns one daemon thread,
 * {@code pentalith-loadbalance-scaling}, unless it was given a scheduler; {@link #close} ends it and leaves the fleet as it
 * is.
 */
public final class ScalingController implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScalingController.class);

    private final String name;
    private final ScalingSpec spec;
    private final Actuator actuator;
    private final Supplier<List<MetricSample>> metrics;
    private final Duration upCoolDown;
    private final Duration downCoolDown;
    private final Executor executor;
    private final LongSupplier ticker;
    private final @Nullable Observer observer;
    private final @Nullable ScheduledThreadPoolExecutor timer; // if it is ours
    private final Instant startTime;
    private final long startTick;
    private final Future<?> ticking;
    private final AtomicBoolean deciding = new AtomicBoolean();
    private volatile boolean closed;

    // Guarded by the lock, which is never held around user code.
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ScalingState state;
    private @Nullable ScalingDecision last;
    private int target; // of the action in flight, else 0
    private @Nullable Instant coolUntil;
    private long evaluations;
    private long scaledUp;
    private long scaledDown;
    private long failures;

    private ScalingController(Builder builder, Supplier<List<MetricSample>> metrics) {
        this.name = builder.name;
        this.spec = builder.spec;
        this.actuator = builder.actuator;
        this.metrics = metrics;
        this.upCoolDown = builder.upCoolDown;
        this.downCoolDown = builder.downCoolDown;
        this.executor = builder.executor;
        this.ticker = builder.ticker;
        this.observer = builder.observer;
        this.startTime = builder.clock.instant();
        this.startTick = ticker.getAsLong();
        this.timer = builder.scheduler == null ? timer() : null;
        ScheduledExecutorService scheduler = builder.scheduler == null ? requireNonNull(timer) : builder.scheduler;
        long interval = builder.interval.toNanos();
        this.ticking = scheduler.scheduleWithFixedDelay(this::tick, interval, interval, TimeUnit.NANOSECONDS);
    }

    private static ScheduledThreadPoolExecutor timer() {
        return new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "pentalith-loadbalance-scaling");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Begins a controller.
     *
     * @param name for logs, threads and stats
     * @param spec what is wanted
     * @param actuator the fleet
     * @return a builder
     */
    public static Builder builder(String name, ScalingSpec spec, Actuator actuator) {
        return new Builder(
                requireNonNull(name, "name"), requireNonNull(spec, "spec"), requireNonNull(actuator, "actuator"));
    }

    /** The wall time of the start and what the monotonic clock has counted since: it never jumps. */
    private Instant now() {
        return startTime.plusNanos(ticker.getAsLong() - startTick);
    }

    private void tick() {
        if (closed || !deciding.compareAndSet(false, true)) {
            return; // metrics that take longer than an interval
        }
        try {
            executor.execute(() -> {
                try {
                    evaluate();
                } finally {
                    deciding.set(false);
                }
            });
        } catch (RejectedExecutionException e) {
            deciding.set(false);
            failed("the executor refuses to evaluate", e);
        }
    }

    private void evaluate() {
        int servers;
        try {
            servers = actuator.servers();
        } catch (Exception e) {
            failed("counting the servers failed", e);
            return;
        }
        List<MetricSample> samples;
        try {
            samples = List.copyOf(metrics.get());
        } catch (RuntimeException e) {
            failed("reading the metrics failed", e);
            samples = List.of();
        }
        ScalingDecision decision;
        try {
            decision = decide(servers, samples);
        } catch (RuntimeException e) {
            failed("deciding failed", e);
            return;
        }
        tell(decision);
        if (decision.changes()) {
            act(decision);
        }
    }

    private ScalingDecision decide(int servers, List<MetricSample> samples) {
        lock.lock();
        try {
            Instant now = now();
            ScalingState before = state == null ? ScalingState.of(servers, now) : state.servers(servers);
            ScalingDecision decision = HorizontalScaler.decide(spec, before, samples, now);
            boolean toBounds = servers < spec.min() || servers > spec.max();
            if (decision.changes() && (closed || target != 0)) {
                decision = decision.held(ScalingDecision.Limit.IN_FLIGHT);
            } else if (!toBounds && decision.changes() && coolUntil != null && now.isBefore(coolUntil)) {
                decision = decision.held(ScalingDecision.Limit.COOL_DOWN);
            }
            evaluations++;
            state = decision.next();
            last = decision;
            target = decision.changes() ? decision.desired() : target;
            return decision;
        } finally {
            lock.unlock();
        }
    }

    private void act(ScalingDecision decision) {
        LOG.info("{}: {}", name, decision);
        CompletionStage<?> done;
        try {
            done = requireNonNull(actuator.scaleTo(decision.desired()), "the stage");
        } catch (Exception e) {
            ended(decision, e);
            return;
        }
        var unused = done.whenComplete((result, error) -> ended(decision, error));
    }

    private void ended(ScalingDecision decision, @Nullable Throwable error) {
        lock.lock();
        try {
            target = 0;
            if (error == null) {
                Instant now = now();
                boolean up = decision.desired() > decision.current();
                scaledUp += up ? 1 : 0;
                scaledDown += up ? 0 : 1;
                coolUntil = now.plus(up ? upCoolDown : downCoolDown);
                ScalingState before = requireNonNull(state, "state").servers(decision.current());
                state = before.scaled(decision.desired(), now);
            }
        } finally {
            lock.unlock();
        }
        if (error != null) {
            failed("scaling to " + decision.desired() + " failed", error);
        }
    }

    private void failed(String what, Throwable error) {
        lock.lock();
        try {
            failures++;
        } finally {
            lock.unlock();
        }
        LOG.warn("{}: {}", name, what, error);
        if (observer != null) {
            try {
                observer.onFailure(name, what, error);
            } catch (RuntimeException e) {
                LOG.warn("{}: the observer throws", name, e);
            }
        }
    }

    private void tell(ScalingDecision decision) {
        if (observer != null) {
            try {
                observer.onDecision(name, decision);
            } catch (RuntimeException e) {
                LOG.warn("{}: the observer throws", name, e);
            }
        }
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return cumulative counts and the state now} */
    public Stats stats() {
        lock.lock();
        try {
            int servers = state == null ? 0 : state.servers();
            boolean cooling = coolUntil != null && now().isBefore(coolUntil);
            return new Stats(
                    name,
                    servers,
                    target == 0 ? servers : target,
                    target != 0,
                    cooling,
                    evaluations,
                    scaledUp,
                    scaledDown,
                    failures,
                    last);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread. An action in flight ends in peace, no other begins. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        ticking.cancel(false);
        if (timer != null) {
            timer.shutdownNow();
        }
    }

    /** {@return the name, the specification and the servers} */
    @Override
    public String toString() {
        return "ScalingController[" + name + ", " + spec + ", servers=" + stats().servers() + "]";
    }

    /** The fleet, as a controller sees it. Called by one thread at a time. */
    public interface Actuator {
        /**
         * {@return how many servers there are now, starting ones included}
         *
         * @throws Exception if that cannot be said; then nothing is decided this time
         */
        int servers() throws Exception;

        /**
         * Starts or stops servers.
         *
         * @param servers how many there should be
         * @return completes when they are there and gone; must complete at some time, for no other action begins before
         * @throws Exception if it cannot begin
         */
        CompletionStage<?> scaleTo(int servers) throws Exception;
    }

    /** Who is told what happens. Called on the thread where it happened, outside locks; what it throws is contained. */
    public interface Observer {
        /**
         * A decision was made, also one to change nothing.
         *
         * @param controller the controller's name
         * @param decision the decision; carried out next if it {@link ScalingDecision#changes()}
         */
        default void onDecision(String controller, ScalingDecision decision) {}

        /**
         * Metrics, count or action failed.
         *
         * @param controller the controller's name
         * @param what what failed, for people
         * @param error why
         */
        default void onFailure(String controller, String what, Throwable error) {}
    }

    /**
     * Cumulative counts since creation, and the state now.
     *
     * @param name the controller's name
     * @param servers how many there were at the last evaluation or after the last action
     * @param desired how many there should be
     * @param inFlight whether an action is under way
     * @param coolingDown whether an action has ended so recently that none begins
     * @param evaluations decisions made
     * @param scaledUp actions that added servers
     * @param scaledDown actions that took servers away
     * @param failures counts, metrics or actions that failed
     * @param last the last decision, or null
     */
    public record Stats(
            String name,
            int servers,
            int desired,
            boolean inFlight,
            boolean coolingDown,
            long evaluations,
            long scaledUp,
            long scaledDown,
            long failures,
            @Nullable ScalingDecision last) {}

    /** Makes controllers. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final ScalingSpec spec;
        private final Actuator actuator;
        private @Nullable Supplier<List<MetricSample>> metrics;
        private Duration interval = Duration.ofSeconds(15);
        private Duration upCoolDown = Duration.ZERO;
        private Duration downCoolDown = Duration.ZERO;
        private Executor executor = ForkJoinPool.commonPool();
        private @Nullable ScheduledExecutorService scheduler;
        private LongSupplier ticker = System::nanoTime;
        private InstantSource clock = InstantSource.system();
        private @Nullable Observer observer;

        private Builder(String name, ScalingSpec spec, Actuator actuator) {
            this.name = name;
            this.spec = spec;
            this.actuator = actuator;
        }

        /**
         * Sets where the metrics come from. Must be set.
         *
         * @param metrics reads all metrics of the specification; one that is left out is missing
         * @return this builder
         */
        public Builder metrics(Supplier<List<MetricSample>> metrics) {
            this.metrics = requireNonNull(metrics, "metrics");
            return this;
        }

        /**
         * Sets how often to decide.
         *
         * @param interval 15 s unless given
         * @return this builder
         * @throws IllegalArgumentException if not positive
         */
        public Builder interval(Duration interval) {
            if (interval.isZero() || interval.isNegative()) {
                throw new IllegalArgumentException(
                        "interval must be positive: interval=" + interval + " (expected: more than 0)");
            }
            this.interval = interval;
            return this;
        }

        /**
         * Sets how long no action begins after one has ended.
         *
         * @param up after growing, so that new servers can take their share; 0 unless given
         * @param down after shrinking; 0 unless given
         * @return this builder
         * @throws IllegalArgumentException if negative
         */
        public Builder coolDown(Duration up, Duration down) {
            for (Duration each : List.of(up, down)) {
                if (each.isNegative()) {
                    throw new IllegalArgumentException(
                            "coolDown must not be negative: coolDown=" + each + " (expected: 0 or more)");
                }
            }
            this.upCoolDown = up;
            this.downCoolDown = down;
            return this;
        }

        /**
         * Sets where metrics and actuator are called.
         *
         * @param executor the common pool unless given; never shut down by the controller
         * @return this builder
         */
        public Builder executor(Executor executor) {
            this.executor = requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets who keeps the interval.
         *
         * @param scheduler a daemon thread of the controller's own unless given; never shut down by the controller
         * @return this builder
         */
        public Builder scheduler(ScheduledExecutorService scheduler) {
            this.scheduler = requireNonNull(scheduler, "scheduler");
            return this;
        }

        /**
         * Sets the clock that intervals are measured with.
         *
         * @param ticker monotonic nanoseconds; {@link System#nanoTime()} unless given
         * @return this builder
         */
        public Builder ticker(LongSupplier ticker) {
            this.ticker = requireNonNull(ticker, "ticker");
            return this;
        }

        /**
         * Sets the wall clock; it is read once, so that decisions carry a time that people can read.
         *
         * @param clock the system's unless given
         * @return this builder
         */
        public Builder clock(InstantSource clock) {
            this.clock = requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets who is told what happens.
         *
         * @param observer nobody unless given
         * @return this builder
         */
        public Builder observer(Observer observer) {
            this.observer = requireNonNull(observer, "observer");
            return this;
        }

        /**
         * Makes the controller; the first decision is an interval away.
         *
         * @return a running controller
         * @throws IllegalStateException if no metrics were set
         */
        public ScalingController build() {
            if (metrics == null) {
                throw new IllegalStateException("metrics must be set: metrics=null (expected: a supplier)");
            }
            return new ScalingController(this, metrics);
        }
    }
}
