// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Keeps what calls write off the cache line of whatever lies before it. */
abstract class NodePadding {
    @SuppressWarnings("unused")
    int a; // fills the gap behind the header, which a field of a later class would get

    @SuppressWarnings("unused")
    long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14;
}

/**
 * The count of calls and the life of a node, in one word, so that each change of either is one atomic step:
 *
 * <pre>
 * bits 0-23   calls in flight
 * bit  24     leaving: not a member of the newest set, but perhaps still in the table that picks read
 * bit  25     retired: in no table; closes with its last call
 * bit  26     closed: the attached object is given up; whoever enters now has read an old table and must pick again
 * bits 27-63  picks
 * </pre>
 *
 * A node that comes back before it is closed is the same node again, calls in flight included.
 *
 * <p>Beside it is all else that a call needs of a node: who enters has the cache line anyway, and a fleet of hundreds
 * stays in the nearest cache.
 */
abstract class NodeWord<T> extends NodeLatency {
    private static final long IN_FLIGHT = (1L << 24) - 1;
    private static final long LEAVING = 1L << 24;
    private static final long RETIRED = 1L << 25;
    private static final long CLOSED = 1L << 26;
    private static final int PICKS = 27;
    private static final long ENTER = (1L << PICKS) + 1;
    private static final long HARVEST = 1L << 34; // picks; far from the 2^37 that fit

    private static final VarHandle WORD;
    private static final VarHandle HARVESTED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WORD = lookup.findVarHandle(NodeWord.class, "word", long.class);
            HARVESTED = lookup.findVarHandle(NodeWord.class, "harvested", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through WORD
    private volatile long word;

    private volatile long harvested; // picks taken out of the word, by one thread
    private int untimed;
    private volatile @Nullable T target; // null: opening it failed

    NodeWord(@Nullable T target) {
        this.target = target;
    }

    /** Calls in flight. */
    final int inFlight() {
        return (int) ((long) WORD.getOpaque(this) & IN_FLIGHT);
    }

    final long picks() {
        return harvested + ((long) WORD.getAcquire(this) >>> PICKS);
    }

    /** Counts a pick and a call in flight; false, and nothing is counted, if the node is closed. */
    final boolean enter() {
        long before = (long) WORD.getAndAdd(this, ENTER);
        if ((before & CLOSED) == 0) {
            return true;
        }
        long unused = (long) WORD.getAndAdd(this, -ENTER);
        return false;
    }

    /** The same if fewer than {@code limit} calls are in flight; false also if they are not. */
    final boolean enterBelow(int limit) {
        while (true) {
            long now = word;
            if ((now & CLOSED) != 0 || (now & IN_FLIGHT) >= limit) {
                return false;
            }
            if (WORD.compareAndSet(this, now, now + ENTER)) {
                return true;
            }
        }
    }

    /** Ends a call; true if that closed the node, and the caller must give up the attached object. */
    final boolean leave() {
        long after = (long) WORD.getAndAdd(this, -1L) - 1;
        return (after & RETIRED) != 0 && close();
    }

    final void depart() {
        long unused = (long) WORD.getAndBitwiseOr(this, LEAVING);
    }

    /** Leaving becomes retired, unless the node has come back meanwhile; true if that closed the node. */
    final boolean retire() {
        while (true) {
            long now = word;
            if ((now & LEAVING) == 0) {
                return false;
            }
            if (WORD.compareAndSet(this, now, (now & ~LEAVING) | RETIRED)) {
                return close();
            }
        }
    }

    /** Undoes {@link #depart} and {@link #retire}; false if the node is closed for good. */
    final boolean comeBack() {
        while (true) {
            long now = word;
            if ((now & CLOSED) != 0) {
                return false;
            }
            if (WORD.compareAndSet(this, now, now & ~(LEAVING | RETIRED))) {
                return true;
            }
        }
    }

    final boolean closed() {
        return (word & CLOSED) != 0;
    }

    private boolean close() {
        while (true) {
            long now = word;
            if ((now & (RETIRED | CLOSED | IN_FLIGHT)) != RETIRED) {
                return false;
            }
            if (WORD.compareAndSet(this, now, now | CLOSED)) {
                return true;
            }
        }
    }

    /** Keeps the picks from running out of their bits. Called by one thread at a time. */
    final void harvest() {
        long picks = word >>> PICKS;
        if (picks >= HARVEST) {
            long unused = (long) WORD.getAndAdd(this, -(picks << PICKS));
            HARVESTED.setOpaque(this, harvested + picks);
        }
    }

    final void target(T next) {
        target = next;
    }

    /** What a pick of this node hands out. */
    final T handedOut() {
        T now = target;
        if (now == null) {
            throw new IllegalStateException("the lease has ended, and its endpoint is gone: endpoint=" + this);
        }
        return now;
    }

    /** Takes back what was attached; for a node that is closed. */
    @Nullable
    final T giveUp() {
        T last = target;
        target = null;
        return last;
    }

    /** False if there is nothing that could be handed out. */
    final boolean usable() {
        return target != null;
    }

    /** Whether the next call need not be timed. Racy on purpose: one more or fewer is timed then. */
    final boolean goesUntimed() {
        int left = untimed;
        if (left <= 0) {
            return false;
        }
        untimed = left - 1;
        return true;
    }

    /** How many of the next calls need not be timed. */
    final void timed(int next) {
        untimed = next;
    }
}

/** Keeps it off the cache line of whatever comes after it. */
abstract class NodeEnd<T> extends NodeWord<T> {
    @SuppressWarnings("unused")
    long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14;

    NodeEnd(@Nullable T target) {
        super(target);
    }
}

/**
 * What a balancer knows about one endpoint; kept as long as the endpoint's id and address are.
 *
 * @param <T> what the balancer hands out
 */
final class Node<T> extends NodeEnd<T> {
    /** What the health probe says. */
    enum Probe {
        NONE,
        PENDING,
        HEALTHY,
        SICK
    }

    private static final VarHandle FAILED;

    static {
        try {
            FAILED = MethodHandles.lookup().findVarHandle(Node.class, "failed", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final String id;
    final NodeHealth health = new NodeHealth();
    private volatile Endpoint endpoint;
    private volatile Probe probe = Probe.NONE;
    private volatile String probeWhy = "";
    private volatile boolean sourceSick;
    private volatile String openWhy = "";

    @SuppressWarnings("unused") // through FAILED
    private volatile long failed;

    /** The state that was last told to the observer; only the thread that rebuilds the table touches it. */
    LoadBalancer.State told = LoadBalancer.State.READY;

    /** Slow start, by the same thread: whether it could be picked last time, and since when it warms up. */
    boolean inTable;

    boolean seen; // by a rebuild
    boolean founder; // came when nobody served yet, and has not served itself so far

    boolean warming;
    long warmingSince;

    Node(Endpoint endpoint, @Nullable T target) {
        super(target);
        this.id = endpoint.id();
        this.endpoint = endpoint;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    void endpoint(Endpoint next) {
        endpoint = next;
    }

    void openFailed(String why) {
        openWhy = why;
    }

    void failed() {
        long unused = (long) FAILED.getAndAdd(this, 1L);
    }

    Probe probe() {
        return probe;
    }

    void probe(Probe next, String why) {
        probeWhy = why;
        probe = next;
    }

    /** True if that changed anything. */
    boolean sourceSick(boolean sick) {
        boolean before = sourceSick;
        sourceSick = sick;
        return before != sick;
    }

    /** In the order of precedence: what stands first wins. */
    LoadBalancer.State state() {
        if (endpoint.weight() == 0) {
            return LoadBalancer.State.DRAINED;
        }
        if (!usable() || sourceSick || probe == Probe.SICK) {
            return LoadBalancer.State.UNHEALTHY;
        }
        if (health.ejected()) {
            return LoadBalancer.State.EJECTED;
        }
        return probe == Probe.PENDING ? LoadBalancer.State.PENDING : LoadBalancer.State.READY;
    }

    String why() {
        if (endpoint.weight() == 0) {
            return "weight 0";
        }
        if (!usable()) {
            return openWhy;
        }
        if (sourceSick) {
            return "its source says so";
        }
        if (probe == Probe.SICK) {
            return "probe: " + probeWhy;
        }
        if (health.ejected()) {
            return "ejected: " + health.why();
        }
        return switch (probe) {
            case SICK -> "probe: " + probeWhy;
            case PENDING -> "not probed yet";
            case HEALTHY -> "probe: passed";
            case NONE -> "not probed";
        };
    }

    LoadBalancer.EndpointStats stats() {
        return new LoadBalancer.EndpointStats(id, state(), endpoint.weight(), inFlight(), picks(), failed);
    }

    @Override
    public String toString() {
        return id;
    }
}
