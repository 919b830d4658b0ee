// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the endpoint that takes a call, and counts the call until it has ended.
 *
 * <pre>{@code
 * LoadBalancer<Endpoint> nodes = LoadBalancer.builder("nodes", source)
 *         .healthProbe(HealthProbe.http("/health/ready"))
 *         .build();
 * String answer = nodes.call(lease -> get(lease.target()));
 * }</pre>
 *
 * <p><b>Who may be chosen</b>, in this order of precedence: a drained endpoint (weight 0) never; else one that its source
 * or the {@link HealthProbe} calls unhealthy not, nor one that {@link OutlierDetection} has ejected because its calls failed,
 * unless the share of ready ones is below the panic threshold, for then all are; one that was not probed yet only if too few
 * are ready. That holds for each priority; the first ones take the calls as long as enough of them are ready, and within a
 * priority the nearest zones. Among those the {@link Policy} decides, over weights that are lower while an endpoint starts
 * slowly, and of those the ones that the {@link PickContext} has tried come last.
 *
 * <p><b>Thread-safe.</b> A pick is one volatile read and the policy's work: no lock, no waiting, and with
 * {@link #tokens()} no allocation. All that is known about health is computed when it changes, not when it is needed.
 *
 * <p><b>Leases cannot leak.</b> Calls in flight are counted from the pick, each verdict counts once, whatever happens to
 * the endpoint meanwhile, and a lease that nobody ends is taken back after {@code maxLeaseAge}.
 *
 * <p><b>Failure.</b> If nobody may be chosen, {@link NoEndpointException} comes at once. What the work throws passes
 * through unchanged. A balancer owns one daemon thread, {@code pentalith-loadbalance-timer}, unless it was given a
 * scheduler, and those of its probe; {@link #close()} ends them.
 *
 * @param <T> what is handed out per endpoint: the {@link Endpoint} itself, or what {@link LoadBalancerBuilder#attach} made of it
 */
public final class LoadBalancer<T> implements AutoCloseable {
    private final Settings<T> settings;
    private final Events events;
    private final Dispatch<T> dispatch;
    private @Nullable Subscription subscription; // set once, before anybody has this object

    private LoadBalancer(Settings<T> settings, Events events, Dispatch<T> dispatch) {
        this.settings = settings;
        this.events = events;
        this.dispatch = dispatch;
    }

    static <T> LoadBalancer<T> over(EndpointSource source, Settings<T> settings, Events events, Dispatch<T> dispatch) {
        LoadBalancer<T> balancer = new LoadBalancer<>(settings, events, dispatch);
        try {
            balancer.subscription = requireNonNull(source.subscribe(dispatch.fleet()), "subscription");
            return balancer;
        } catch (RuntimeException | Error e) {
            balancer.close();
            throw e;
        }
    }

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
    public static LoadBalancerBuilder<Endpoint> builder(String name, EndpointSource source) {
        return new LoadBalancerBuilder<>(requireNonNull(name, "name"), requireNonNull(source, "source"));
    }

    /**
     * Makes a call to an endpoint of the balancer's choice. The verdict is what the work told the lease, else success if it
     * returns, else what {@link LoadBalancerBuilder#outcomeOf} makes of the exception.
     *
     * @param work the call
     * @param <R> its result
     * @param <X> what it may throw
     * @return what the work returned
     * @throws X what the work threw
     * @throws NoEndpointException if no endpoint may take the call
     */
    public <R, X extends Exception> R call(Call<T, R, X> work) throws X {
        return run(dispatch.lease(null), work);
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
    public <R, X extends Exception> R call(PickContext context, Call<T, R, X> work) throws X {
        return run(dispatch.lease(requireNonNull(context, "context")), work);
    }

    private <R, X extends Exception> R run(Lease<T> lease, Call<T, R, X> work) throws X {
        try {
            R result = work.call(lease);
            lease.success();
            return result;
        } catch (Throwable e) {
            lease.failure(outcomeOf(e));
            throw e;
        }
    }

    /** What an exception says. A classifier that throws must not hide the exception it was asked about. */
    private Outcome outcomeOf(Throwable error) {
        try {
            return settings.outcomeOf().apply(error);
        } catch (RuntimeException e) {
            events.failed("outcomeOf throws", e);
            return Outcome.SERVER_ERROR;
        }
    }

    /**
     * Starts an attempt whose lease ends when the stage completes or the result is cancelled. Nothing is thrown: every
     * failure, {@link NoEndpointException} included, comes through the result.
     *
     * @param context the request
     * @param work starts the call
     * @param <R> its result
     * @return the call's result; cancelling it cancels the stage
     */
    public <R> CompletableFuture<R> callAsync(
            PickContext context, Function<? super Lease<T>, ? extends CompletionStage<R>> work) {
        Lease<T> lease;
        try {
            lease = acquire(context);
        } catch (NoEndpointException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletionStage<R> stage;
        try {
            stage = requireNonNull(work.apply(lease), "the stage");
        } catch (RuntimeException | Error e) {
            lease.failure(outcomeOf(e));
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<R> result = new CompletableFuture<>();
        CompletionStage<R> unused = stage.whenComplete((value, error) -> {
            if (error == null) {
                lease.success();
                result.complete(value);
            } else {
                Throwable cause = Verdicts.unwrapped(error);
                lease.failure(outcomeOf(cause));
                result.completeExceptionally(cause);
            }
        });
        unused = result.whenComplete((value, error) -> {
            if (result.isCancelled()) {
                lease.close();
                if (stage instanceof Future<?> future) {
                    future.cancel(true);
                }
            }
        });
        return result;
    }

    /**
     * {@return a lease on an endpoint}
     *
     * @throws NoEndpointException if there is none
     */
    public Lease<T> acquire() {
        return dispatch.lease(null);
    }

    /**
     * {@return a lease on an endpoint that the request has not tried yet while there is one}
     *
     * @param context the request
     * @throws NoEndpointException if there is none
     */
    public Lease<T> acquire(PickContext context) {
        return dispatch.lease(requireNonNull(context, "context"));
    }

    /**
     * {@return what an endpoint of the policy's choice hands out, without counting a call}
     *
     * <p>For who only needs a name, as for routing by hash. Nothing keeps what is attached open, nobody learns how the call
     * ended, and {@link Policy#leastRequest} sees only the calls that others have counted.
     *
     * @throws NoEndpointException if there is none
     */
    public T pick() {
        Fleet.Table<T> table = dispatch.table();
        RoundRobin.Place turn = table.turn;
        return turn != null && turn.mine() ? table.target(turn.next(table.targets.length)) : dispatch.pick(null);
    }

    /**
     * {@return what an endpoint hands out that the request has not tried yet, while there is one; does not count as a try}
     *
     * @param context the request
     * @throws NoEndpointException if there is none
     */
    public T pick(PickContext context) {
        return dispatch.pick(requireNonNull(context, "context"));
    }

    /**
     * {@return the same without garbage: leases as {@code long}s}
     */
    public Tokens<T> tokens() {
        return dispatch;
    }

    /**
     * Says for every known endpoint whether the next pick could choose it, and why.
     *
     * @param context the request
     * @return all endpoints, sorted by id
     */
    public List<Candidate> explain(PickContext context) {
        return Explanation.of(dispatch.fleet(), requireNonNull(context, "context"));
    }

    /** {@return the name} */
    public String name() {
        return settings.name();
    }

    /** {@return cumulative counts, and the states as they are now; costs time in proportion to the endpoints} */
    public Stats stats() {
        return dispatch.stats();
    }

    /**
     * Ends the subscription and all threads of this balancer; from now on there is no endpoint. Leases that are open can
     * still be ended; what is attached to an endpoint closes with its last lease, as long as somebody ends that. Idempotent.
     */
    @Override
    public void close() {
        if (subscription != null) {
            subscription.close();
        }
        dispatch.close();
    }

    /** {@return the name, the policy and the probe, and how many endpoints are eligible} */
    @Override
    public String toString() {
        return dispatch.toString();
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
        R call(Lease<T> lease) throws X;
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
}
