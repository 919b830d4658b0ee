// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Chooses the endpoint that takes a call.
 *
 * @param <T> what is handed out per endpoint: the {@link Endpoint} itself, or what {@link Builder#attach} made of it
 */
public final class LoadBalancer<T> implements AutoCloseable {
    private LoadBalancer() {}

    /**
     * A balancer over endpoints that never change, with all defaults.
     *
     * @param name for logs, stats, exceptions
     * @param endpoints in any order
     * @return the balancer
     * @throws IllegalArgumentException if two endpoints have the same id
     */
    public static LoadBalancer<Endpoint> of(String name, Endpoint... endpoints) {
        return builder(name, EndpointSource.of(endpoints)).build();
    }

    /**
     * Begins a balancer.
     *
     * @param name for logs, stats, exceptions
     * @param source where the endpoints come from
     * @return a builder
     */
    public static Builder<Endpoint> builder(String name, EndpointSource source) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a call to an endpoint of the balancer's choice.
     *
     * @param work the call
     * @param <R> its result
     * @param <X> what it may throw
     * @return what the work returned
     * @throws X what the work threw
     * @throws NoEndpointException if no endpoint may take the call
     */
    public <R, X extends Exception> R call(Call<? super T, ? extends R, ? extends X> work) throws X {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes one attempt of a request, at an endpoint that the request has not tried yet while there is one.
     *
     * @param context the request
     * @param work the call
     * @param <R> its result
     * @param <X> what it may throw
     * @return what the work returned
     * @throws X what the work threw
     * @throws NoEndpointException if no endpoint may take the call
     */
    public <R, X extends Exception> R call(PickContext context, Call<? super T, ? extends R, ? extends X> work)
            throws X {
        throw new UnsupportedOperationException();
    }

    /**
     * Starts an attempt whose lease ends when the stage completes or the result is cancelled.
     *
     * @param context the request
     * @param work starts the call
     * @param <R> its result
     * @return the call's result; cancelling it cancels the stage
     */
    public <R> CompletableFuture<R> callAsync(
            PickContext context, Function<? super Lease<T>, ? extends CompletionStage<R>> work) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return a lease on an endpoint}
     *
     * @throws NoEndpointException if there is none
     */
    public Lease<T> acquire() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return a lease on an endpoint that the request has not tried yet while there is one}
     *
     * @param context the request
     * @throws NoEndpointException if there is none
     */
    public Lease<T> acquire(PickContext context) {
        throw new UnsupportedOperationException();
    }

    /** {@return the same without garbage} */
    public Tokens<T> tokens() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return every known endpoint, with the reason why it could be chosen now or not}
     *
     * @param context the request
     */
    public List<Candidate> explain(PickContext context) {
        throw new UnsupportedOperationException();
    }

    /** {@return the name} */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** {@return cumulative counts, and the states as they are now} */
    public Stats stats() {
        throw new UnsupportedOperationException();
    }

    /** Ends all threads and subscriptions; attached objects are closed after their last lease. Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /**
     * A call to a chosen endpoint.
     *
     * @param <T> what the balancer hands out
     * @param <R> the result
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Call<T, R, X extends Exception> {
        /**
         * Makes the call.
         *
         * @param lease the right to it; a verdict told to it takes precedence over how this method ends
         * @return the result
         * @throws X if the call fails
         */
        R call(Lease<? extends T> lease) throws X;
    }

    /** Whether an endpoint takes calls. */
    public enum State {
        /** It does. */
        READY,
        /** It was not probed yet. */
        PENDING,
        /** Probes or its source say that it is not well. */
        UNHEALTHY,
        /** Its calls failed, so it rests for a while. */
        EJECTED,
        /** It has weight 0. */
        DRAINED
    }

    /**
     * An endpoint as seen by one pick.
     *
     * @param endpoint the endpoint
     * @param state its state
     * @param eligible whether it can be chosen
     * @param tried whether the request has tried it
     * @param inFlight calls in flight
     * @param why the reason, for people
     */
    public record Candidate(
            Endpoint endpoint, State state, boolean eligible, boolean tried, int inFlight, String why) {}

    /**
     * An endpoint's share of the stats.
     *
     * @param id the endpoint
     * @param state its state
     * @param weight its weight
     * @param inFlight calls in flight
     * @param acquired picks so far
     * @param failed calls that ended as server error, local error, timeout or overloaded
     */
    public record EndpointStats(String id, State state, int weight, int inFlight, long acquired, long failed) {}

    /**
     * Cumulative counts since creation, and the states at this moment.
     *
     * @param name the balancer's name
     * @param epoch the version of the set in use
     * @param eligible how many endpoints can be chosen
     * @param panic whether so few are healthy that health is disregarded
     * @param inFlight open leases
     * @param acquired leases given
     * @param refused picks that found no endpoint
     * @param succeeded leases that ended in success
     * @param serverErrors leases that ended in a server error
     * @param localErrors leases that ended in a local error
     * @param timeouts leases that ended in a timeout
     * @param overloaded leases that ended as overloaded
     * @param cancelled leases that ended without blame
     * @param reclaimed abandoned leases that were taken back
     * @param endpoints all known endpoints, sorted by id
     */
    public record Stats(
            String name,
            long epoch,
            int eligible,
            boolean panic,
            long inFlight,
            long acquired,
            long refused,
            long succeeded,
            long serverErrors,
            long localErrors,
            long timeouts,
            long overloaded,
            long cancelled,
            long reclaimed,
            List<EndpointStats> endpoints) {}

    /** What happens, for metrics. Called on the thread where it happened, outside locks; what it throws is contained. */
    public interface Observer {
        /**
         * A lease ended.
         *
         * @param balancer the balancer's name
         * @param endpoint the endpoint's id
         * @param outcome how
         * @param nanos how long it was held
         */
        default void onComplete(String balancer, String endpoint, Outcome outcome, long nanos) {}

        /**
         * A pick found no endpoint.
         *
         * @param balancer the balancer's name
         * @param reason why
         */
        default void onRefused(String balancer, NoEndpointException.Reason reason) {}

        /**
         * An endpoint changed its state.
         *
         * @param balancer the balancer's name
         * @param endpoint the endpoint's id
         * @param state its new state
         * @param why the reason, for people
         */
        default void onState(String balancer, String endpoint, State state, String why) {}

        /**
         * Panic began or ended.
         *
         * @param balancer the balancer's name
         * @param panic whether health is disregarded from now on
         */
        default void onPanic(String balancer, boolean panic) {}

        /**
         * An abandoned lease was taken back.
         *
         * @param balancer the balancer's name
         * @param endpoint the endpoint's id
         * @param nanos how long it was held
         */
        default void onReclaimed(String balancer, String endpoint, long nanos) {}
    }

    /**
     * Leases as {@code long}s.
     *
     * @param <T> what the balancer hands out
     */
    public interface Tokens<T> {
        /**
         * {@return a token for an endpoint}
         *
         * @throws NoEndpointException if there is none
         */
        long acquire();

        /**
         * {@return a token for an endpoint that the request has not tried yet while there is one}
         *
         * @param context the request
         * @throws NoEndpointException if there is none
         */
        long acquire(PickContext context);

        /**
         * {@return what to call}
         *
         * @param token an open token
         * @throws IllegalStateException if the token is not open any more
         */
        T target(long token);

        /**
         * {@return the endpoint}
         *
         * @param token an open token
         * @throws IllegalStateException if the token is not open any more
         */
        Endpoint endpoint(long token);

        /**
         * {@return true, or false if the token had its verdict or was reclaimed}
         *
         * @param token the token
         * @param outcome how the call ended
         */
        boolean complete(long token, Outcome outcome);
    }

    /**
     * Makes balancers.
     *
     * @param <T> what the balancer hands out
     */
    public static final class Builder<T> {
        private Builder() {}

        /**
         * Hands out something made per endpoint, such as a client.
         *
         * @param open makes it, on the thread that brings the endpoint
         * @param close ends it, on the executor, when the endpoint has gone and its last lease has ended
         * @param <A> its type
         * @return this builder, of another type
         */
        public <A> Builder<A> attach(Function<? super Endpoint, ? extends A> open, Consumer<? super A> close) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param policy how to choose among the eligible; {@link Policy#leastRequest()} unless given
         */
        public Builder<T> policy(Policy policy) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param probe how to ask endpoints whether they are well; nobody asks unless given
         */
        public Builder<T> healthProbe(HealthProbe probe) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param share of healthy endpoints below which health is disregarded, 0 to 1; 0 = never; 0.5 unless given
         * @throws IllegalArgumentException if out of range
         */
        public Builder<T> panicThreshold(double share) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param age after which a lease counts as abandoned; 5 minutes unless given
         * @throws IllegalArgumentException if not positive
         */
        public Builder<T> maxLeaseAge(Duration age) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param outcomeOf what an exception of the user's call says about the endpoint
         */
        public Builder<T> outcomeOf(Function<? super Throwable, Outcome> outcomeOf) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param executor runs the user's probes and closings
         */
        public Builder<T> executor(Executor executor) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param scheduler for all delays; never shut down by the balancer; a daemon thread of its own unless given
         */
        public Builder<T> scheduler(ScheduledExecutorService scheduler) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param ticker monotonic nanoseconds
         */
        public Builder<T> ticker(LongSupplier ticker) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param random source of all random choices; must be thread-safe if the balancer is shared
         */
        public Builder<T> random(RandomGenerator random) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder}
         *
         * @param observer who is told what happens
         */
        public Builder<T> observer(Observer observer) {
            throw new UnsupportedOperationException();
        }

        /** {@return a running balancer} */
        public LoadBalancer<T> build() {
            throw new UnsupportedOperationException();
        }
    }
}
