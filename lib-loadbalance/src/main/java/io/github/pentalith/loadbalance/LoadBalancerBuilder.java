// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes balancers. Not thread-safe.
 *
 * @param <T> what the balancer hands out
 */
public final class LoadBalancerBuilder<T> {
    private final String name;
    private final EndpointSource source;
    private @Nullable Function<? super Endpoint, ? extends T> open;
    private @Nullable Consumer<? super T> close;
    private Policy policy = Policy.leastRequest();
    private @Nullable HealthProbe probe;
    private @Nullable OutlierDetection outliers;
    private Duration slowStart = Duration.ZERO;
    private double panicThreshold = 0.5;
    private double overprovisioning = 1.4;
    private @Nullable String zone;
    private double zoneShare;
    private Duration maxLeaseAge = Duration.ofMinutes(5);
    private Function<? super Throwable, Outcome> outcomeOf = Verdicts::of;
    private Executor executor = ForkJoinPool.commonPool();
    private @Nullable ScheduledExecutorService scheduler;
    private LongSupplier ticker = System::nanoTime;
    private @Nullable RandomGenerator random;
    private LoadBalancer.@Nullable Observer observer;

    LoadBalancerBuilder(String name, EndpointSource source) {
        this.name = name;
        this.source = source;
    }

    /**
     * Hands out something made per endpoint, such as a client, instead of the endpoint. It is kept while the endpoint's
     * id, host and port stay.
     *
     * @param open makes it, on the thread that brings the endpoint; if it throws, it is asked again after a second
     * @param close ends it, on the executor, when the endpoint has gone and its last lease has ended
     * @param <A> its type
     * @return this builder, of another type
     */
    @SuppressWarnings("unchecked") // only open and close have to do with the type, and both are replaced
    public <A> LoadBalancerBuilder<A> attach(Function<? super Endpoint, ? extends A> open, Consumer<? super A> close) {
        LoadBalancerBuilder<A> other = (LoadBalancerBuilder<A>) this;
        other.open = requireNonNull(open, "open");
        other.close = requireNonNull(close, "close");
        return other;
    }

    /**
     * Sets how to choose among the eligible.
     *
     * @param policy {@link Policy#leastRequest()} unless given
     * @return this builder
     */
    public LoadBalancerBuilder<T> policy(Policy policy) {
        this.policy = requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Sets how endpoints are asked whether they are well.
     *
     * @param probe nobody asks unless given
     * @return this builder
     */
    public LoadBalancerBuilder<T> healthProbe(HealthProbe probe) {
        this.probe = requireNonNull(probe, "probe");
        return this;
    }

    /**
     * Sets when endpoints whose calls fail are left out for a while.
     *
     * @param detection nobody is left out unless given
     * @return this builder
     */
    public LoadBalancerBuilder<T> outlierDetection(OutlierDetection detection) {
        this.outliers = requireNonNull(detection, "detection");
        return this;
    }

    /**
     * Lets an endpoint that comes new, or well again, beside others that serve begin with a tenth of its share and
     * come to the whole of it in this time, under every policy. A fleet that is new as a whole begins at full share.
     *
     * @param window at once unless given
     * @return this builder
     * @throws IllegalArgumentException if not positive
     */
    public LoadBalancerBuilder<T> slowStart(Duration window) {
        long unused = Require.positiveNanos("slowStart", window);
        this.slowStart = window;
        return this;
    }

    /**
     * Sets when health is disregarded, because a few healthy endpoints would only be crushed by the load of all: if the
     * priorities together cannot take all calls, those of them with fewer ready endpoints than this use all they have.
     *
     * @param share of ready endpoints, among those that are not drained: 0 (never) to 1; 0.5 unless given
     * @return this builder
     * @throws IllegalArgumentException if out of range
     */
    public LoadBalancerBuilder<T> panicThreshold(double share) {
        this.panicThreshold = Require.share("panicThreshold", share);
        return this;
    }

    /**
     * Sets how much more than its part of the load an endpoint can take. A priority, or a zone, passes calls on to the
     * next one when its share of ready endpoints times this factor is below 1.
     *
     * @param factor 1 or more; 1.4 unless given, so with 72 % ready endpoints nothing is passed on
     * @return this builder
     * @throws IllegalArgumentException if less than 1 or not finite
     */
    public LoadBalancerBuilder<T> overprovisioning(double factor) {
        if (!(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "overprovisioning must be in range: overprovisioning=" + factor + " (expected: 1 or more)");
        }
        this.overprovisioning = factor;
        return this;
    }

    /**
     * Prefers endpoints of the same zone, then of the same region (which is all of the name before its last {@code /}),
     * then all others; each as far as its ready endpoints go. Within one priority; not in panic.
     *
     * @param zone where this program runs, such as {@code eu-west/a}
     * @return this builder
     */
    public LoadBalancerBuilder<T> zone(String zone) {
        this.zone = requireNonNull(zone, "zone");
        this.zoneShare = 0;
        return this;
    }

    /**
     * Prefers near endpoints as {@link #zone(String)} does, but keeps no more calls in the zone than leaves its endpoints
     * as busy as all others: if the zone makes 50 % of the calls and has 20 % of the endpoints, 40 % of its calls stay.
     *
     * @param zone where this program runs
     * @param share of all calls that come from this zone, more than 0, at most 1
     * @return this builder
     * @throws IllegalArgumentException if out of range
     */
    public LoadBalancerBuilder<T> zone(String zone, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "share must be in range: share=" + share + " (expected: more than 0, at most 1)");
        }
        this.zone = requireNonNull(zone, "zone");
        this.zoneShare = share;
        return this;
    }

    /**
     * Sets when a lease counts as abandoned. It is taken back at most a second later, never earlier.
     *
     * @param age 5 minutes unless given
     * @return this builder
     * @throws IllegalArgumentException if not positive
     */
    public LoadBalancerBuilder<T> maxLeaseAge(Duration age) {
        long unused = Require.positiveNanos("maxLeaseAge", age);
        this.maxLeaseAge = age;
        return this;
    }

    /**
     * Sets what an exception of the user's call says about the endpoint.
     *
     * @param outcomeOf unless given: {@link RejectedExecutionException}, {@link CancellationException} and
     *     {@link InterruptedException} are {@link Outcome#CANCELLED}, timeouts of the JDK are {@link Outcome#TIMEOUT},
     *     other {@link java.io.IOException}s are {@link Outcome#LOCAL_ERROR}, and all else is
     *     {@link Outcome#SERVER_ERROR}
     * @return this builder
     */
    public LoadBalancerBuilder<T> outcomeOf(Function<? super Throwable, Outcome> outcomeOf) {
        this.outcomeOf = requireNonNull(outcomeOf, "outcomeOf");
        return this;
    }

    /**
     * Sets where the user's probes and closings run.
     *
     * @param executor the common pool unless given; never shut down by the balancer
     * @return this builder
     */
    public LoadBalancerBuilder<T> executor(Executor executor) {
        this.executor = requireNonNull(executor, "executor");
        return this;
    }

    /**
     * Sets who keeps all delays.
     *
     * @param scheduler a daemon thread of the balancer's own unless given; never shut down by the balancer
     * @return this builder
     */
    public LoadBalancerBuilder<T> scheduler(ScheduledExecutorService scheduler) {
        this.scheduler = requireNonNull(scheduler, "scheduler");
        return this;
    }

    /**
     * Sets the clock.
     *
     * @param ticker monotonic nanoseconds; {@link System#nanoTime()} unless given
     * @return this builder
     */
    public LoadBalancerBuilder<T> ticker(LongSupplier ticker) {
        this.ticker = requireNonNull(ticker, "ticker");
        return this;
    }

    /**
     * Sets the source of all random choices, so that the same calls at the same times get the same picks.
     *
     * @param random must be thread-safe if the balancer is shared; a generator per thread unless given
     * @return this builder
     */
    public LoadBalancerBuilder<T> random(RandomGenerator random) {
        this.random = requireNonNull(random, "random");
        return this;
    }

    /**
     * Sets who is told what happens. An observer makes each call read the clock twice.
     *
     * @param observer nobody unless given
     * @return this builder
     */
    public LoadBalancerBuilder<T> observer(LoadBalancer.Observer observer) {
        this.observer = requireNonNull(observer, "observer");
        return this;
    }

    /**
     * Makes the balancer and subscribes it to its source. Endpoints that the source delivers at once are there when
     * this returns.
     *
     * @return a running balancer
     */
    public LoadBalancer<T> build() {
        Settings<T> settings = new Settings<>(
                name,
                open,
                close,
                policy,
                probe,
                outliers,
                Require.nanos(slowStart),
                panicThreshold,
                overprovisioning,
                zone,
                zoneShare,
                Require.nanos(maxLeaseAge),
                outcomeOf,
                executor,
                ticker);
        Events events = new Events(name, observer);
        return LoadBalancer.over(
                source, settings, events, new Dispatch<>(settings, events, new Draw(random), scheduler));
    }
}
