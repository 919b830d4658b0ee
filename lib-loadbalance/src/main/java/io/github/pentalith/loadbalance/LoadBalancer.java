// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
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
 * @param <T> what is handed out per endpoint: the {@link Endpoint} itself, or what {@link Builder#attach} made of it
 */
public final class LoadBalancer<T> implements AutoCloseable {
    private static final long LONGEST_TICK = 500_000_000;
    private static final long FAILURE_PENALTY = 1_000_000_000L;
    private static final long OVERLOADED_PENALTY = 5_000_000_000L;
    private static final long LONGEST_PENALTY = 300_000_000_000L;

    private final Settings<T> settings;
    private final Events events;
    private final Fleet<T> fleet;
    private final Slots<T> slots;
    private final Tokens<T> tokens;
    private final LongAdder refused = new LongAdder();
    private final boolean precise; // whether somebody wants to know how long calls take
    private final long tick;
    private final @Nullable ScheduledThreadPoolExecutor timer; // if it is ours
    private final @Nullable Outliers outliers;
    private final @Nullable Future<?> sweeping;
    private final Future<?> ticking;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile long coarse; // the time of the last tick
    private @Nullable Subscription subscription; // set once, before anybody has this object

    private LoadBalancer(Builder<?> builder, Settings<T> settings) {
        this.settings = settings;
        this.events = new Events(settings.name(), builder.observer);
        this.slots = new Slots<>(this);
        this.tokens = new Twin();
        this.precise = events.observed() || settings.policy().tau > 0;
        this.tick = Math.max(1_000_000, Math.min(LONGEST_TICK, settings.maxLeaseAge() / 8));
        this.coarse = settings.ticker().getAsLong();
        this.timer = builder.scheduler == null ? timer() : null;
        ScheduledExecutorService scheduler = builder.scheduler == null ? requireNonNull(timer) : builder.scheduler;
        this.fleet = new Fleet<>(settings, scheduler, events, new Draw(builder.random));
        this.outliers = fleet.outliers();
        this.sweeping = outliers == null
                ? null
                : scheduler.scheduleWithFixedDelay(
                        this::sweep, outliers.interval(), outliers.interval(), TimeUnit.NANOSECONDS);
        this.ticking = scheduler.scheduleWithFixedDelay(this::tick, tick, tick, TimeUnit.NANOSECONDS);
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "pentalith-loadbalance-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
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
    public static Builder<Endpoint> builder(String name, EndpointSource source) {
        return new Builder<>(requireNonNull(name, "name"), requireNonNull(source, "source"));
    }

    /**
     * Makes a call to an endpoint of the balancer's choice. The verdict is what the work told the lease, else success if it
     * returns, else what {@link Builder#outcomeOf} makes of the exception.
     *
     * @param work the call
     * @param <R> its result
     * @param <X> what it may throw
     * @return what the work returned
     * @throws X what the work threw
     * @throws NoEndpointException if no endpoint may take the call
     */
    public <R, X extends Exception> R call(Call<T, R, X> work) throws X {
        return run(lease(null), work);
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
        return run(lease(requireNonNull(context, "context")), work);
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

    private static Outcome standardOutcomeOf(Throwable error) {
        if (error instanceof RejectedExecutionException
                || error instanceof CancellationException
                || error instanceof InterruptedException) {
            return Outcome.CANCELLED;
        }
        if (error instanceof TimeoutException
                || error instanceof SocketTimeoutException
                || error instanceof HttpTimeoutException) {
            return Outcome.TIMEOUT;
        }
        return error instanceof java.io.IOException ? Outcome.LOCAL_ERROR : Outcome.SERVER_ERROR;
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
                Throwable cause = unwrapped(error);
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

    private static Throwable unwrapped(Throwable error) {
        Throwable cause = error.getCause();
        boolean wrapped = error instanceof CompletionException || error instanceof ExecutionException;
        return wrapped && cause != null ? unwrapped(cause) : error;
    }

    /**
     * {@return a lease on an endpoint}
     *
     * @throws NoEndpointException if there is none
     */
    public Lease<T> acquire() {
        return lease(null);
    }

    /**
     * {@return a lease on an endpoint that the request has not tried yet while there is one}
     *
     * @param context the request
     * @throws NoEndpointException if there is none
     */
    public Lease<T> acquire(PickContext context) {
        return lease(requireNonNull(context, "context"));
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
        return pick(null, fleet.table());
    }

    /**
     * {@return what an endpoint hands out that the request has not tried yet, while there is one; does not count as a try}
     *
     * @param context the request
     * @throws NoEndpointException if there is none
     */
    public T pick(PickContext context) {
        return pick(requireNonNull(context, "context"), fleet.table());
    }

    private T pick(@Nullable PickContext context, Fleet.Table<T> table) {
        return target(table.nodes[index(context, table)]);
    }

    /** The policy's choice, untried if possible. */
    private int index(@Nullable PickContext context, Fleet.Table<T> table) {
        Picker picker = table.picker;
        if (picker == null) {
            throw refusal(table);
        }
        int at = picker.pick(context);
        if (context != null && table.nodes.length > 1 && context.tried(table.nodes[at].id)) {
            return picker.pickUntried(context, at);
        }
        return at;
    }

    private Lease<T> lease(@Nullable PickContext context) {
        while (true) {
            Slots.Slot<T> slot = enter(context);
            if (slot != null) {
                return new Lease<>(slot, Slots.node(slot), slot.generation());
            }
        }
    }

    private long token(@Nullable PickContext context) {
        while (true) {
            Slots.Slot<T> slot = enter(context);
            if (slot != null) {
                return slot.token();
            }
        }
    }

    /** Picks and counts; null if the node was closed or filled meanwhile, so that one must pick again. */
    private Slots.@Nullable Slot<T> enter(@Nullable PickContext context) {
        Fleet.Table<T> table = fleet.table();
        int at = index(context, table);
        Node<T> node = table.nodes[at];
        long start = precise ? settings.ticker().getAsLong() : coarse;
        boolean entered = table.bounded ? table.enter(at) : node.enter();
        if (!entered) {
            return null;
        }
        Slots.Slot<T> slot;
        try {
            slot = slots.claim();
        } catch (IllegalStateException e) {
            leave(node);
            throw e;
        }
        if (context != null) {
            context.remember(node.id);
        }
        slots.open(slot, node, start);
        return slot;
    }

    private NoEndpointException refusal(Fleet.Table<T> table) {
        refused.increment();
        events.refused(table.reason);
        return new NoEndpointException(
                settings.name(), table.reason, fleet.members().set.size());
    }

    private void leave(Node<T> node) {
        if (node.leave()) {
            fleet.discard(node);
        }
    }

    /** True if this was the first verdict. */
    boolean complete(Slots.Slot<T> slot, int generation, Outcome outcome) {
        return complete(slot, generation, outcome, -1);
    }

    /** True if this was the first verdict; {@code retryAfter} in nanoseconds, or -1. */
    boolean complete(Slots.Slot<T> slot, int generation, Outcome outcome, long retryAfter) {
        if (!slots.end(slot, generation, outcome.index())) {
            return false;
        }
        Node<T> node = Slots.node(slot);
        long start = Slots.start(slot);
        slots.free(slot, generation);
        if (outcome.failed()) {
            node.failed();
        }
        if (precise) {
            long now = settings.ticker().getAsLong();
            if (settings.policy().tau > 0) {
                long cost = Math.max(now - start, penalty(outcome, retryAfter));
                node.latency.sample(now, (double) cost, outcome == Outcome.CANCELLED, (double) settings.policy().tau);
            }
            leave(node); // after the sample: a node that looks idle has a known latency
            events.completed(node.id, outcome, now - start);
        } else {
            leave(node);
        }
        if (outliers != null && outliers.verdict(node, outcome)) {
            fleet.changed();
        }
        return true;
    }

    /** What a call that ended like this counts at least, so that failing fast does not attract calls. */
    private static long penalty(Outcome outcome, long retryAfter) {
        return switch (outcome) {
            case SUCCESS, CANCELLED -> 0;
            case OVERLOADED -> retryAfter < 0 ? OVERLOADED_PENALTY : Math.min(retryAfter, LONGEST_PENALTY);
            default -> FAILURE_PENALTY;
        };
    }

    private void sweep() {
        if (outliers != null) {
            outliers.sweepAtNextRebuild();
            fleet.changed();
        }
    }

    private void tick() {
        try {
            long now = settings.ticker().getAsLong();
            coarse = now;
            // A coarse start may be a tick too early, and nobody's lease may be taken back early.
            long tooOld = settings.maxLeaseAge() + (precise ? 0 : tick);
            slots.tooOld(now, tooOld, (slot, generation, age) -> {
                if (slots.end(slot, generation, Slots.RECLAIMED)) {
                    Node<T> node = Slots.node(slot);
                    slots.free(slot, generation);
                    leave(node);
                    events.reclaimed(node.id, age);
                }
            });
            for (Node<T> node : fleet.members().nodes) {
                node.harvest();
            }
        } catch (RuntimeException | Error e) {
            events.failed("the periodic work failed", e); // and must not end
        }
    }

    static <T> T target(Node<T> node) {
        T target = node.target();
        if (target == null) {
            throw new AssertionError("picked without a target");
        }
        return target;
    }

    /**
     * {@return the same without garbage: leases as {@code long}s}
     */
    public Tokens<T> tokens() {
        return tokens;
    }

    /**
     * Says for every known endpoint whether the next pick could choose it, and why.
     *
     * @param context the request
     * @return all endpoints, sorted by id
     */
    public List<Candidate> explain(PickContext context) {
        Fleet.Table<T> table = fleet.table();
        Fleet.Members<T> members = fleet.members();
        boolean untried = false;
        IdentityHashMap<Node<T>, Double> shares = new IdentityHashMap<>();
        for (int i = 0; i < table.nodes.length; i++) {
            untried |= !context.tried(table.nodes[i].id);
            shares.put(table.nodes[i], table.shares[i]);
        }
        List<Candidate> candidates = new ArrayList<>(members.nodes.length);
        for (Node<T> node : members.nodes) {
            Double share = shares.get(node);
            boolean tried = context.tried(node.id);
            String why = node.state() == State.READY ? "ready, " + node.why() : node.why();
            if (share != null && node.state() != State.READY) {
                why += table.panic ? "; used in panic" : "; used as too few are ready";
            } else if (share == null && node.state() == State.READY) {
                why += "; in reserve, as a better priority takes all calls";
            } else if (share != null && share == 0) {
                why += "; only for retries, as a nearer zone takes all calls";
            } else if (share != null && share < 1) {
                why += String.format(Locale.ROOT, "; its priority and zone get %.0f %% of the calls", 100 * share);
            }
            if (tried) {
                why += untried ? "; tried by this request" : "; tried, but so are all others";
            }
            boolean eligible = share != null && !(tried && untried);
            candidates.add(new Candidate(node.endpoint(), node.state(), eligible, tried, node.inFlight(), why));
        }
        return List.copyOf(candidates);
    }

    /** {@return the name} */
    public String name() {
        return settings.name();
    }

    /** {@return cumulative counts, and the states as they are now; costs time in proportion to the endpoints} */
    public Stats stats() {
        Fleet.Table<T> table = fleet.table();
        Fleet.Members<T> members = fleet.members();
        List<EndpointStats> endpoints = new ArrayList<>(members.nodes.length);
        for (Node<T> node : members.nodes) {
            Endpoint endpoint = node.endpoint();
            endpoints.add(new EndpointStats(
                    node.id, node.state(), endpoint.weight(), node.inFlight(), node.picks(), node.failures()));
        }
        long[] totals = slots.totals();
        long acquired = 0;
        for (long total : totals) {
            acquired += total; // whatever has ended, however, and what is open
        }
        return new Stats(
                settings.name(),
                members.set.epoch(),
                table.nodes.length,
                table.panic,
                totals[Slots.RECLAIMED + 1],
                acquired,
                refused.sum(),
                totals[Outcome.SUCCESS.index()],
                totals[Outcome.SERVER_ERROR.index()],
                totals[Outcome.LOCAL_ERROR.index()],
                totals[Outcome.TIMEOUT.index()],
                totals[Outcome.OVERLOADED.index()],
                totals[Outcome.CANCELLED.index()],
                totals[Slots.RECLAIMED],
                List.copyOf(endpoints));
    }

    /**
     * Ends the subscription and all threads of this balancer; from now on there is no endpoint. Leases that are open can
     * still be ended; what is attached to an endpoint closes with its last lease, as long as somebody ends that. Idempotent.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (subscription != null) {
            subscription.close();
        }
        fleet.close();
        ticking.cancel(false);
        if (sweeping != null) {
            sweeping.cancel(false);
        }
        if (timer != null) {
            timer.shutdownNow();
        }
    }

    /** {@return the name, the policy and the probe, and how many endpoints are eligible} */
    @Override
    public String toString() {
        return "LoadBalancer[" + settings.name() + ", policy=" + settings.policy() + ", healthProbe=" + settings.probe()
                + ", panicThreshold=" + settings.panicThreshold() + ", maxLeaseAge="
                + Duration.ofNanos(settings.maxLeaseAge()) + ", eligible=" + fleet.table().nodes.length + " of "
                + fleet.members().set.size() + "]";
    }

    /** The allocation-free form. */
    private final class Twin implements Tokens<T> {
        @Override
        public long acquire() {
            return token(null);
        }

        @Override
        public long acquire(PickContext context) {
            return token(requireNonNull(context, "context"));
        }

        @Override
        public T target(long token) {
            return LoadBalancer.target(node(token));
        }

        @Override
        public Endpoint endpoint(long token) {
            return node(token).endpoint();
        }

        private Node<T> node(long token) {
            Node<T> node = slots.peek(slots.slot(token), Slots.generation(token));
            if (node == null) {
                throw new IllegalStateException("token must be open: token=" + token + " (expected: no verdict yet)");
            }
            return node;
        }

        @Override
        public boolean complete(long token, Outcome outcome) {
            return LoadBalancer.this.complete(
                    slots.slot(token), Slots.generation(token), requireNonNull(outcome, "outcome"));
        }
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

    /**
     * Makes balancers. Not thread-safe.
     *
     * @param <T> what the balancer hands out
     */
    public static final class Builder<T> {
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
        private Function<? super Throwable, Outcome> outcomeOf = LoadBalancer::standardOutcomeOf;
        private Executor executor = ForkJoinPool.commonPool();
        private @Nullable ScheduledExecutorService scheduler;
        private LongSupplier ticker = System::nanoTime;
        private @Nullable RandomGenerator random;
        private @Nullable Observer observer;

        private Builder(String name, EndpointSource source) {
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
        public <A> Builder<A> attach(Function<? super Endpoint, ? extends A> open, Consumer<? super A> close) {
            Builder<A> other = (Builder<A>) this;
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
        public Builder<T> policy(Policy policy) {
            this.policy = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets how endpoints are asked whether they are well.
         *
         * @param probe nobody asks unless given
         * @return this builder
         */
        public Builder<T> healthProbe(HealthProbe probe) {
            this.probe = requireNonNull(probe, "probe");
            return this;
        }

        /**
         * Sets when endpoints whose calls fail are left out for a while.
         *
         * @param detection nobody is left out unless given
         * @return this builder
         */
        public Builder<T> outlierDetection(OutlierDetection detection) {
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
        public Builder<T> slowStart(Duration window) {
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
        public Builder<T> panicThreshold(double share) {
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
        public Builder<T> overprovisioning(double factor) {
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
        public Builder<T> zone(String zone) {
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
        public Builder<T> zone(String zone, double share) {
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
        public Builder<T> maxLeaseAge(Duration age) {
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
        public Builder<T> outcomeOf(Function<? super Throwable, Outcome> outcomeOf) {
            this.outcomeOf = requireNonNull(outcomeOf, "outcomeOf");
            return this;
        }

        /**
         * Sets where the user's probes and closings run.
         *
         * @param executor the common pool unless given; never shut down by the balancer
         * @return this builder
         */
        public Builder<T> executor(Executor executor) {
            this.executor = requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets who keeps all delays.
         *
         * @param scheduler a daemon thread of the balancer's own unless given; never shut down by the balancer
         * @return this builder
         */
        public Builder<T> scheduler(ScheduledExecutorService scheduler) {
            this.scheduler = requireNonNull(scheduler, "scheduler");
            return this;
        }

        /**
         * Sets the clock.
         *
         * @param ticker monotonic nanoseconds; {@link System#nanoTime()} unless given
         * @return this builder
         */
        public Builder<T> ticker(LongSupplier ticker) {
            this.ticker = requireNonNull(ticker, "ticker");
            return this;
        }

        /**
         * Sets the source of all random choices, so that the same calls at the same times get the same picks.
         *
         * @param random must be thread-safe if the balancer is shared; a generator per thread unless given
         * @return this builder
         */
        public Builder<T> random(RandomGenerator random) {
            this.random = requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets who is told what happens. An observer makes each call read the clock twice.
         *
         * @param observer nobody unless given
         * @return this builder
         */
        public Builder<T> observer(Observer observer) {
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
            LoadBalancer<T> balancer = new LoadBalancer<>(
                    this,
                    new Settings<>(
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
                            ticker));
            try {
                balancer.subscription = requireNonNull(source.subscribe(balancer.fleet), "subscription");
                return balancer;
            } catch (RuntimeException | Error e) {
                balancer.close();
                throw e;
            }
        }
    }
}
