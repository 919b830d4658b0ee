// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a balancer and what is known about them, and the table that picks read.
 *
 * <p>Two steps, so that neither waits for the other. <b>Reconcile</b>, on the source's thread and under a lock: the
 * members of a new set get their nodes, old or new. <b>Rebuild</b>, by whoever changed something: from the members and
 * their states a table is computed and published by one volatile write. One thread rebuilds at a time; who comes meanwhile
 * leaves a note and goes, and the note is read after the rebuild, so the last state always wins.
 *
 * <p>Rebuilding costs time in proportion to the fleet, so it has a budget: 2 million nodes a second after a burst of
 * 65,536. Within it every change is seen at once; beyond it changes are taken together, for at most 10 ms.
 *
 * <p>A node that left is retired only after a table without it was published; then it closes with its last call.
 */
final class Fleet<T> implements EndpointSource.Listener {
    private static final long NANOS_PER_NODE = 500;
    private static final long BURST = 65_536 * NANOS_PER_NODE;
    private static final long LONGEST_DELAY = 10_000_000;
    private static final int STEPS = 20; // of a slow start
    private static final long MIN_STEP = 20_000_000;
    private static final long REOPEN_AFTER_MILLIS = 1_000;

    /** What a pick reads. */
    static final class Table<T> {
        final Node<T>[] nodes; // eligible ones only, group by group
        final Object[] targets; // what they hand out
        final @Nullable Picker picker; // null: no nodes
        final RoundRobin.@Nullable Place turn; // of a plain rotation, the first thread's place, at one step from here
        final NoEndpointException.Reason reason; // valid if there are no nodes
        final boolean panic;
        final boolean warming;
        final boolean bounded; // calls in flight have a limit
        final double[] shares; // what part of the load the group of each node gets

        Table(
                Node<T>[] nodes,
                @Nullable Picker picker,
                NoEndpointException.Reason reason,
                boolean panic,
                boolean warming,
                double[] shares) {
            this.shares = shares;
            this.bounded = picker != null && picker.bounded();
            this.nodes = nodes;
            this.targets = new Object[nodes.length];
            for (int i = 0; i < nodes.length; i++) {
                targets[i] = nodes[i].handedOut();
            }
            this.picker = picker;
            this.turn = picker instanceof RoundRobin rotation ? rotation.first() : null;
            this.reason = reason;
            this.panic = panic;
            this.warming = warming;
        }

        static <T> Table<T> empty(NoEndpointException.Reason reason) {
            return new Table<>(array(0), null, reason, false, false, new double[0]);
        }

        /** What the node hands out. */
        @SuppressWarnings("unchecked") // where it comes from is typed
        T target(int at) {
            return (T) targets[at];
        }

        /** Counts a call at a node, unless that would be more than its limit. */
        boolean enter(int at) {
            return picker != null && nodes[at].enterBelow(picker.limit(at));
        }
    }

    /** The newest set, and a node for each of its endpoints, in the same order. */
    static final class Members<T> {
        final EndpointSet set;
        final Node<T>[] nodes;

        Members(EndpointSet set, Node<T>[] nodes) {
            this.set = set;
            this.nodes = nodes;
        }
    }

    private final Settings<T> settings;
    private final ScheduledExecutorService scheduler;
    private final Events events;
    private final Eligibility<T> eligibility;
    private final @Nullable Prober prober;
    private final @Nullable Outliers outliers;
    private long alarm; // the reading of the clock at which an alarm rings; by the rebuilding thread only
    private boolean alarmed;

    private final ReentrantLock updates = new ReentrantLock();
    private Map<String, Node<T>> known = new HashMap<>(); // guarded by updates, like the next two
    private final Map<String, Node<T>> departed = new HashMap<>(); // may come back while calls are in flight
    private long epoch = -1;

    private final Queue<Node<T>> leaving = new ConcurrentLinkedQueue<>();
    private volatile Members<T> members = new Members<>(EndpointSet.of(0, List.of()), array(0));
    private final Consumer<Table<T>> picks; // reads each new table
    private volatile Table<T> table = Table.empty(NoEndpointException.Reason.EMPTY);
    private volatile boolean closed;

    private volatile boolean stale;
    private final AtomicBoolean rebuilding = new AtomicBoolean();
    private final AtomicBoolean armed = new AtomicBoolean();
    private long paidUntil; // by the rebuilding thread only

    Fleet(
            Settings<T> settings,
            ScheduledExecutorService scheduler,
            Events events,
            Draw draw,
            Consumer<Table<T>> picks) {
        this.picks = picks;
        this.settings = settings;
        this.scheduler = scheduler;
        this.events = events;
        this.eligibility = new Eligibility<>(settings, draw);
        this.outliers = settings.outliers() == null ? null : new Outliers(settings.outliers());
        this.paidUntil = settings.ticker().getAsLong();
        this.prober = settings.probe() == null
                ? null
                : new Prober(settings.probe(), settings.executor(), scheduler, settings.ticker(), draw, this::changed);
    }

    /** The judge of verdicts, if endpoints are ejected at all. */
    @Nullable
    Outliers outliers() {
        return outliers;
    }

    private static <T> Node<T>[] array(int length) {
        return Eligibility.array(length);
    }

    Table<T> table() {
        return table;
    }

    Members<T> members() {
        return members;
    }

    // Reconcile

    @Override
    public void onEndpoints(EndpointSet set) {
        updates.lock();
        try {
            if (closed || set.epoch() <= epoch) {
                return;
            }
            epoch = set.epoch();
            reconcile(set);
        } finally {
            updates.unlock();
        }
        changed();
    }

    @Override
    public void onHealth(String id, boolean healthy) {
        Members<T> now = members;
        int at = now.set.indexOf(id);
        if (at >= 0 && now.nodes[at].sourceSick(!healthy)) {
            changed();
        }
    }

    private void reconcile(EndpointSet set) {
        departed.values().removeIf(Node::closed);
        Map<String, Node<T>> next = new HashMap<>(set.size() * 4 / 3 + 1);
        Node<T>[] nodes = array(set.size());
        boolean failed = false;
        for (int i = 0; i < nodes.length; i++) {
            Endpoint endpoint = set.endpoints().get(i);
            Node<T> node = known.get(endpoint.id());
            if (node == null || !node.usable() || !node.endpoint().sameAddress(endpoint)) {
                node = arrive(endpoint);
            }
            node.endpoint(endpoint);
            if (settings.open() == null) {
                node.target(identity(endpoint));
            }
            nodes[i] = node;
            next.put(endpoint.id(), node);
            failed |= !node.usable();
        }
        Map<String, Node<T>> before = known;
        known = next;
        members = new Members<>(set, nodes); // before the nodes that left are noted: see rebuild
        for (Node<T> node : before.values()) {
            if (next.get(node.id) != node) {
                depart(node);
            }
        }
        if (failed) {
            later(() -> settings.executor().execute(this::reopen), REOPEN_AFTER_MILLIS * 1_000_000);
        }
    }

    /** A node for an endpoint that no member serves: an old one that is not closed yet, else a new one. */
    private Node<T> arrive(Endpoint endpoint) {
        Node<T> old = departed.get(endpoint.id());
        Node<T> node;
        if (old != null && old.endpoint().sameAddress(endpoint) && old.comeBack()) {
            departed.remove(endpoint.id());
            boolean unused = old.sourceSick(false);
            node = old;
        } else {
            node = open(endpoint);
        }
        if (prober != null) {
            node.probe(Node.Probe.PENDING, "");
            prober.watch(node);
        }
        return node;
    }

    private Node<T> open(Endpoint endpoint) {
        if (settings.open() == null) {
            return new Node<>(endpoint, identity(endpoint));
        }
        try {
            T target = settings.open().apply(endpoint);
            if (target == null) {
                throw new NullPointerException("nothing was attached");
            }
            return new Node<>(endpoint, target);
        } catch (RuntimeException e) {
            events.failed("attaching to endpoint " + endpoint.id() + " failed, to be tried again", e);
            Node<T> node = new Node<>(endpoint, null);
            node.openFailed("attaching failed: " + e);
            return node;
        }
    }

    @SuppressWarnings("unchecked") // a builder without attach is a Builder<Endpoint>
    private T identity(Endpoint endpoint) {
        return (T) endpoint;
    }

    private void depart(Node<T> node) {
        if (prober != null) {
            prober.unwatch(node);
        }
        node.depart();
        departed.put(node.id, node);
        leaving.add(node);
    }

    private void reopen() {
        updates.lock();
        try {
            if (!closed) {
                reconcile(members.set);
            }
        } finally {
            updates.unlock();
        }
        changed();
    }

    // Rebuild

    /** Something that a table depends on is different. */
    void changed() {
        stale = true;
        rebuildIfStale();
    }

    private void rebuildIfStale() {
        while (stale) {
            if (!rebuilding.compareAndSet(false, true)) {
                return; // whoever rebuilds looks again afterwards
            }
            long wait;
            try {
                long now = settings.ticker().getAsLong();
                wait = closed ? 0 : Math.min(LONGEST_DELAY, paidUntil - BURST - now);
                if (wait <= 0) {
                    stale = false; // before reading anything: what changes from here on is for the next turn
                    rebuild();
                    long cost = (members.nodes.length + 1) * NANOS_PER_NODE;
                    paidUntil = Math.min(Math.max(0, paidUntil - now) + cost, BURST + LONGEST_DELAY) + now;
                }
            } finally {
                rebuilding.set(false);
            }
            if (wait > 0) {
                if (armed.compareAndSet(false, true)) {
                    later(
                            () -> {
                                armed.set(false);
                                rebuildIfStale();
                            },
                            wait);
                }
                return;
            }
        }
    }

    private void later(Runnable task, long nanos) {
        try {
            var unused = scheduler.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            events.failed("the scheduler refuses work", e);
        }
    }

    private void rebuild() {
        List<Node<T>> left = new ArrayList<>();
        for (Node<T> node = leaving.poll(); node != null; node = leaving.poll()) {
            left.add(node);
        }
        // Read after the queue: a node is queued only after the members were replaced, so it is not among these, unless
        // it has come back, and then it does not let itself be retired.
        Node<T>[] all = members.nodes;
        Table<T> before = table;
        long now = settings.ticker().getAsLong();
        long wait = outliers == null || closed ? -1 : outliers.decide(all, now);
        Table<T> next = compute(all, now);
        table = next;
        picks.accept(next);
        if (next.warming) {
            long step = Math.max(MIN_STEP, settings.slowStart() / STEPS);
            wait = wait < 0 ? step : Math.min(wait, step);
        }
        alarm(now, wait);
        for (Node<T> node : left) {
            if (node.retire()) {
                discard(node);
            }
        }
        tell(before, next, all);
    }

    /** Sees to it that the table is rebuilt after the wait, unless an earlier alarm is set; none if it is negative. */
    private void alarm(long now, long wait) {
        alarmed &= alarm - now > 0;
        if (wait >= 0 && (!alarmed || now + wait - alarm < 0)) {
            alarmed = true;
            alarm = now + wait;
            later(this::changed, wait);
        }
    }

    private Table<T> compute(Node<T>[] all, long now) {
        if (closed) {
            return Table.empty(NoEndpointException.Reason.CLOSED);
        }
        return eligibility.table(all, table.nodes.length > 0, now);
    }

    private void tell(Table<T> before, Table<T> next, Node<T>[] all) {
        int ready = 0;
        for (Node<T> node : all) {
            LoadBalancer.State state = node.state();
            ready += state == LoadBalancer.State.READY ? 1 : 0;
            if (state != node.told) {
                node.told = state;
                events.state(node.id, state, node.why());
            }
        }
        if (next.panic != before.panic) {
            events.panic(next.panic, ready, all.length);
        }
    }

    /** Gives up what is attached to a closed node. */
    void discard(Node<T> node) {
        var close = settings.close();
        T target = close == null ? null : node.giveUp();
        if (close == null || target == null) {
            return;
        }
        try {
            settings.executor().execute(() -> {
                try {
                    close.accept(target);
                } catch (RuntimeException e) {
                    events.failed("closing what was attached to endpoint " + node.id + " failed", e);
                }
            });
        } catch (RejectedExecutionException e) {
            events.failed("the executor refuses to close what was attached to endpoint " + node.id, e);
        }
    }

    /** From now on nothing is handed out. */
    void close() {
        updates.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            if (prober != null) {
                prober.close();
            }
            Map<String, Node<T>> before = known;
            known = new HashMap<>();
            members = new Members<>(EndpointSet.of(Math.max(0, epoch), List.of()), array(0));
            for (Node<T> node : before.values()) {
                depart(node);
            }
        } finally {
            updates.unlock();
        }
        changed();
    }
}
