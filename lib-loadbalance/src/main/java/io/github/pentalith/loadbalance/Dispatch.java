// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Gives leases and takes them back; both as tokens and for {@link Lease}.
 *
 * <p><b>The clock</b> costs more than all the rest, so it is read only if somebody wants to know how long calls take. Else a
 * lease begins at the last tick, which is good enough to find the abandoned ones. An observer has every call timed. Peak
 * EWMA alone has each endpoint's calls timed up to some thousand per second: of an endpoint whose last two samples are less
 * than {@link #ENOUGH} apart, the next {@link #UNTIMED} calls are not. Such a call is still a sample if it fails, or if it
 * took so long that ticks went by.
 */
final class Dispatch<T> implements LoadBalancer.Tokens<T> {
    private static final long LONGEST_TICK = 500_000_000;
    private static final long TIMED = 1; // lowest bit of a start: read from the clock, not from the last tick
    static final long ENOUGH = 250_000; // nanoseconds
    static final int UNTIMED = 15;

    private final Settings<T> settings;
    private final Events events;
    private final Fleet<T> fleet;
    private final Slots<T> slots = new Slots<>(this);
    private final LongAdder refused = new LongAdder();
    private final @Nullable Outliers outliers;
    private final double tau; // Peak EWMA's, else 0
    private final boolean observed;
    private final boolean timed; // tau > 0 or observed
    private final long tick;
    private final @Nullable ScheduledThreadPoolExecutor timer; // if it is ours
    private final @Nullable Future<?> sweeping;
    private final Future<?> ticking;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile long coarse; // the time of the last tick
    private volatile Fleet.Table<T> table = Fleet.Table.empty(NoEndpointException.Reason.EMPTY); // the fleet's newest

    Dispatch(Settings<T> settings, Events events, Draw draw, @Nullable ScheduledExecutorService given) {
        this.settings = settings;
        this.events = events;
        this.tau = settings.policy().tau;
        this.observed = events.observed();
        this.timed = observed || tau > 0;
        this.tick = Math.max(1_000_000, Math.min(LONGEST_TICK, settings.maxLeaseAge() / 8));
        this.coarse = settings.ticker().getAsLong() & ~TIMED;
        this.timer = given == null ? timer() : null;
        ScheduledExecutorService scheduler = given == null ? requireNonNull(timer) : given;
        this.fleet = new Fleet<>(settings, scheduler, events, draw, newest -> table = newest);
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

    Fleet<T> fleet() {
        return fleet;
    }

    /** What a pick reads, at one step from here. */
    Fleet.Table<T> table() {
        return table;
    }

    // Begin

    /** What is handed out for an endpoint of the policy's choice. */
    T pick(@Nullable PickContext context) {
        Fleet.Table<T> now = table;
        Picker picker = now.picker;
        if (picker == null) {
            throw refusal(now);
        }
        return now.target(index(context, picker));
    }

    /** The policy's choice, untried if possible. */
    private static int index(@Nullable PickContext context, Picker picker) {
        int at = picker.pick(context);
        if (context != null && picker.nodes.length > 1 && context.tried(picker.nodes[at].id)) {
            return picker.pickUntried(context, at);
        }
        return at;
    }

    NoEndpointException refusal(Fleet.Table<T> empty) {
        refused.increment();
        events.refused(empty.reason);
        return new NoEndpointException(
                settings.name(), empty.reason, fleet.members().set.size());
    }

    Lease<T> lease(@Nullable PickContext context) {
        // The slot first: between the count at the node, for which all later steps wait, and its end there is less to
        // do.
        Slots.Slot<T> slot = slots.claim();
        Node<T> node = enter(context, slot);
        return new Lease<>(slot, node, slots.open(slot, node, timed ? start(node) : coarse));
    }

    private long token(@Nullable PickContext context) {
        Slots.Slot<T> slot = slots.claim();
        Node<T> node = enter(context, slot);
        return slot.token(slots.open(slot, node, timed ? start(node) : coarse));
    }

    /** Picks and counts; gives the slot back if that fails. */
    private Node<T> enter(@Nullable PickContext context, Slots.Slot<T> slot) {
        try {
            return enter(context);
        } catch (RuntimeException | Error e) {
            slots.unclaim(slot);
            throw e;
        }
    }

    private Node<T> enter(@Nullable PickContext context) {
        while (true) {
            Fleet.Table<T> now = table;
            Picker picker = now.picker;
            if (picker == null) {
                throw refusal(now);
            }
            int at = index(context, picker);
            Node<T> node = now.nodes[at];
            // False if the node was closed or filled meanwhile, so that one must pick again.
            if (now.bounded ? now.enter(at) : node.enter()) {
                if (context != null) {
                    context.remember(node.id);
                }
                return node;
            }
        }
    }

    private long start(Node<T> node) {
        return !observed && node.goesUntimed() ? coarse : settings.ticker().getAsLong() | TIMED;
    }

    // End

    private void leave(Node<T> node) {
        if (node.leave()) {
            fleet.discard(node);
        }
    }

    /** True if this was the first verdict; {@code retryAfter} in nanoseconds, or -1. */
    boolean complete(Slots.Slot<T> slot, int lease, Outcome outcome, long retryAfter) {
        long start = slot.start();
        Node<T> node = slots.end(slot, lease, outcome.index());
        if (node == null) {
            return false;
        }
        if (outcome.failed()) {
            node.failed();
        }
        if (!timed) {
            leave(node);
        } else {
            long took = learn(node, outcome, start, retryAfter);
            leave(node); // after the sample: a node that looks idle has a known latency
            events.completed(node.id, outcome, took);
        }
        if (outliers != null && outliers.verdict(node, outcome)) {
            fleet.changed();
        }
        return true;
    }

    /** Tells the node how long a call to it took, as far as that is known; returns the same. */
    private long learn(Node<T> node, Outcome outcome, long start, long retryAfter) {
        boolean exact = (start & TIMED) != 0;
        if (!exact && !outcome.failed() && coarse - start <= tick) {
            return 0;
        }
        long now = settings.ticker().getAsLong();
        long took = exact ? now - (start & ~TIMED) : Math.max(0, now - start - tick);
        if (tau > 0) {
            boolean lowerBound = outcome == Outcome.CANCELLED || !exact;
            double cost = (double) Math.max(took, Verdicts.penalty(outcome, retryAfter));
            long sinceLast = node.sample(now, cost, lowerBound, tau);
            node.timed(sinceLast < ENOUGH ? UNTIMED : 0);
        }
        return took;
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
            coarse = now & ~TIMED;
            // A coarse start may be a tick too early, and nobody's lease may be taken back early.
            long tooOld = settings.maxLeaseAge() + (observed ? 0 : tick);
            slots.tooOld(now, tooOld, (slot, lease, age) -> {
                Node<T> node = slots.end(slot, lease, Slots.RECLAIMED);
                if (node != null) {
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

    // Tokens

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
        return node(token).handedOut();
    }

    @Override
    public Endpoint endpoint(long token) {
        return node(token).endpoint();
    }

    private Node<T> node(long token) {
        Node<T> node = slots.peek(slots.slot(token), (int) token);
        if (node == null) {
            throw new IllegalStateException("token must be open: token=" + token + " (expected: no verdict yet)");
        }
        return node;
    }

    @Override
    public boolean complete(long token, Outcome outcome) {
        return complete(slots.slot(token), (int) token, outcome, -1);
    }

    // Everything else

    LoadBalancer.Stats stats() {
        Fleet.Table<T> now = table;
        Fleet.Members<T> members = fleet.members();
        LoadBalancer.EndpointStats[] endpoints = new LoadBalancer.EndpointStats[members.nodes.length];
        for (int i = 0; i < endpoints.length; i++) {
            endpoints[i] = members.nodes[i].stats();
        }
        long[] totals = slots.totals();
        long acquired = 0;
        for (long total : totals) {
            acquired += total; // whatever has ended, however, and what is open
        }
        return new LoadBalancer.Stats(
                settings.name(),
                members.set.epoch(),
                now.nodes.length,
                now.panic,
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
                java.util.List.of(endpoints));
    }

    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
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

    @Override
    public String toString() {
        return "LoadBalancer[" + settings.name() + ", policy=" + settings.policy() + ", healthProbe=" + settings.probe()
                + ", panicThreshold=" + settings.panicThreshold() + ", maxLeaseAge="
                + Duration.ofNanos(settings.maxLeaseAge()) + ", eligible=" + table.nodes.length + " of "
                + fleet.members().set.size() + "]";
    }
}
