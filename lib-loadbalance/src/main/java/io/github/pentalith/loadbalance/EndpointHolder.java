// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A set of endpoints that the program changes itself, and the source that tells balancers about it.
 *
 * <pre>{@code
 * EndpointHolder nodes = EndpointHolder.of("nodes", Endpoint.of("10.0.0.1", 8080));
 * nodes.update(set -> set.with(Endpoint.of("10.0.0.2", 8080)));
 * nodes.update(set -> set.drain("10.0.0.1:8080"));
 * }</pre>
 *
 * <p>Thread-safe; readers never wait. Listeners are told on the thread that made a change, or on one that is just telling
 * them an earlier one: bursts are coalesced, the last set always arrives. What a listener throws goes to the thread that
 * made the change, after the change is made.
 */
public final class EndpointHolder implements EndpointSource {
    private static final VarHandle CURRENT;

    static {
        try {
            CURRENT = MethodHandles.lookup().findVarHandle(EndpointHolder.class, "current", EndpointSet.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private volatile EndpointSet current; // changed through CURRENT only
    private final Map<String, Boolean> sick = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Delivery> deliveries = new CopyOnWriteArrayList<>();

    private EndpointHolder(String name, EndpointSet first) {
        this.name = name;
        this.current = first;
    }

    /**
     * A holder.
     *
     * @param name for logs
     * @param endpoints the first content
     * @return the holder, at epoch 1
     * @throws IllegalArgumentException if two endpoints have the same id
     */
    public static EndpointHolder of(String name, Endpoint... endpoints) {
        return new EndpointHolder(requireNonNull(name, "name"), EndpointSet.of(endpoints));
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return the set that is valid now} */
    public EndpointSet current() {
        return current;
    }

    /**
     * Replaces the set, if the new one is newer.
     *
     * @param next the new set
     * @return false, and nothing is changed, if its epoch is not greater than the current one's
     */
    public boolean publish(EndpointSet next) {
        while (true) {
            EndpointSet before = current;
            if (next.epoch() <= before.epoch()) {
                return false;
            }
            if (CURRENT.compareAndSet(this, before, next)) {
                changed(next);
                return true;
            }
        }
    }

    /**
     * Changes the set atomically.
     *
     * @param change makes the next set from the current one; may be called several times, so without side effects
     * @return the set after the change
     * @throws IllegalArgumentException if the result is another set, but of no greater epoch
     */
    @SuppressWarnings("ReferenceEquality") // the same set back: no change was wanted
    public EndpointSet update(UnaryOperator<EndpointSet> change) {
        while (true) {
            EndpointSet before = current;
            EndpointSet next = requireNonNull(change.apply(before), "the changed set");
            if (next == before) {
                return before;
            }
            if (next.epoch() <= before.epoch()) {
                throw new IllegalArgumentException(
                        "epoch must grow: epoch=" + next.epoch() + " (expected: more than " + before.epoch() + ")");
            }
            if (CURRENT.compareAndSet(this, before, next)) {
                changed(next);
                return next;
            }
        }
    }

    private void changed(EndpointSet next) {
        if (!sick.isEmpty()) {
            sick.keySet().removeIf(id -> next.find(id) == null);
        }
        for (Delivery delivery : deliveries) {
            delivery.run();
        }
    }

    /**
     * Says whether one endpoint may take calls. Costs no new set. Forgotten when the endpoint is taken away.
     *
     * @param id the endpoint; an unknown one is ignored
     * @param healthy whether it may take calls
     */
    public void health(String id, boolean healthy) {
        if (current.find(id) == null) {
            return;
        }
        boolean changed = healthy ? sick.remove(id) != null : sick.put(id, true) == null;
        if (changed) {
            for (Delivery delivery : deliveries) {
                delivery.flips.add(id);
                delivery.run();
            }
        }
    }

    /**
     * Tells the listener the current set before it returns, and from then on every change.
     *
     * @param listener who is told
     * @return closing it ends the deliveries
     */
    @Override
    public Subscription subscribe(Listener listener) {
        Delivery delivery = new Delivery(requireNonNull(listener, "listener"));
        delivery.flips.addAll(sick.keySet());
        deliveries.add(delivery);
        delivery.run();
        return () -> {
            delivery.open = false;
            deliveries.remove(delivery);
        };
    }

    /** {@return the name and the current set} */
    @Override
    public String toString() {
        return "EndpointHolder[" + name + ", " + current + "]";
    }

    /** One listener's way to the last state: whoever finds nobody delivering delivers, also what others bring meanwhile. */
    private final class Delivery implements Runnable {
        private final Listener listener;
        private final Queue<String> flips = new ConcurrentLinkedQueue<>();
        private final AtomicInteger wanted = new AtomicInteger();
        private @Nullable EndpointSet told; // by the delivering thread only
        private volatile boolean open = true;

        Delivery(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void run() {
            if (wanted.getAndIncrement() != 0) {
                return;
            }
            RuntimeException thrown = null;
            int seen = 1;
            do {
                try {
                    deliver();
                } catch (RuntimeException e) { // others rely on this thread to go on
                    thrown = e;
                }
                seen = wanted.addAndGet(-seen);
            } while (seen != 0);
            if (thrown != null) {
                throw thrown;
            }
        }

        @SuppressWarnings("ReferenceEquality") // asks whether this very version was told
        private void deliver() {
            EndpointSet now = current;
            if (open && now != told) {
                told = now;
                listener.onEndpoints(now);
            }
            for (String id = flips.poll(); open && id != null; id = flips.poll()) {
                listener.onHealth(id, !sick.containsKey(id));
            }
        }
    }
}
