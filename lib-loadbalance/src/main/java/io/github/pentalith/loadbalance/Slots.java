// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The open leases. A lease is a slot and a generation; ending it compares the generation, so a second or late end does
 * nothing, whatever happened to the slot since. Scanning the slots finds the abandoned ones.
 *
 * <pre>
 * state = generation &lt;&lt; 2 | phase       FREE -> CLAIMED -> OPEN -> CLOSING -> FREE of the next generation
 * token = slot index &lt;&lt; 32 | generation
 * </pre>
 *
 * A claim is a compare-and-set on a slot of the thread's stripe, almost always the slot that this thread freed last, which
 * is in its cache. CLAIMED keeps the reaper away while node and start are written; OPEN is a release store. CLOSING gives
 * whoever ended the lease the slot alone for a moment, so the outcome counters are plain additions and still exact.
 */
final class Slots<T> {
    static final int FREE = 0;
    private static final int CLAIMED = 1;
    private static final int OPEN = 2;
    private static final int CLOSING = 3;
    private static final int PHASE = 3;
    private static final int GENERATIONS = (1 << 30) - 1;

    private static final int STRIPE_BITS = 20; // slots of one stripe
    private static final int FIRST_LENGTH = 16;
    private static final int LOOK_AT = 16;
    static final int RECLAIMED = Outcome.COUNT; // counted beside the outcomes

    private static final VarHandle STATE;
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Slot.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** One lease at a time. */
    static final class Slot<T> {
        private final long[] counts = new long[RECLAIMED + 1];
        private final Stripe<T> stripe;
        private final int index; // within the stripe
        private volatile int state;
        private @Nullable Node<T> node;
        private long start;

        Slot(Stripe<T> stripe, int index) {
            this.stripe = stripe;
            this.index = index;
        }

        /** The generation that is claimed or open now; only its holder may ask. */
        int generation() {
            return (int) STATE.getOpaque(this) >>> 2;
        }

        LoadBalancer<T> balancer() {
            return stripe.balancer;
        }

        long token() {
            return ((long) ((stripe.number << STRIPE_BITS) | index) << 32) | generation();
        }
    }

    static final class Stripe<T> {
        final LoadBalancer<T> balancer;
        final int number;
        volatile Slot<T>[] slots;

        int hint; // racy on purpose: a wrong hint costs a step, nothing else

        @SuppressWarnings("unused") // makes stripes so large that their hints are on different cache lines
        long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14;

        Stripe(LoadBalancer<T> balancer, int number) {
            this.balancer = balancer;
            this.number = number;
            this.slots = grown(null, FIRST_LENGTH);
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        final Slot<T>[] grown(Slot<T> @Nullable [] old, int length) {
            Slot<T>[] next = new Slot[length];
            for (int i = 0; i < length; i++) {
                next[i] = old != null && i < old.length ? old[i] : new Slot<>(this, i);
            }
            return next;
        }
    }

    private final Stripe<T>[] stripes;
    private final int mask;
    private final ReentrantLock growth = new ReentrantLock();

    @SuppressWarnings({"unchecked", "rawtypes"})
    Slots(LoadBalancer<T> balancer) {
        int count = StripedSequence.stripes();
        stripes = new Stripe[count];
        mask = count - 1;
        for (int i = 0; i < count; i++) {
            stripes[i] = new Stripe<>(balancer, i);
        }
    }

    /** A slot that only the caller has, until it is opened. */
    Slot<T> claim() {
        Stripe<T> stripe = stripes[(int) Thread.currentThread().getId() & mask];
        Slot<T>[] slots = stripe.slots;
        int hint = stripe.hint;
        for (int i = 0; i < LOOK_AT; i++) {
            int at = (hint + i) & (slots.length - 1);
            Slot<T> slot = slots[at];
            if (claim(slot)) {
                stripe.hint = at + 1;
                return slot;
            }
        }
        return claimSlowly(stripe);
    }

    private static boolean claim(Slot<?> slot) {
        int state = (int) STATE.getOpaque(slot);
        return (state & PHASE) == FREE && STATE.compareAndSet(slot, state, state + CLAIMED);
    }

    /** Looks at all slots, and doubles them if more than half are taken. */
    private Slot<T> claimSlowly(Stripe<T> stripe) {
        growth.lock();
        try {
            while (true) {
                Slot<T>[] slots = stripe.slots;
                int taken = 0;
                for (Slot<T> slot : slots) {
                    taken += (slot.state & PHASE) == FREE ? 0 : 1;
                }
                if (taken > slots.length / 2 && slots.length < 1 << STRIPE_BITS) {
                    stripe.slots = stripe.grown(slots, 2 * slots.length);
                    stripe.hint = slots.length;
                }
                for (Slot<T> slot : stripe.slots) {
                    if (claim(slot)) {
                        stripe.hint = slot.index + 1;
                        return slot;
                    }
                }
                if (slots.length == 1 << STRIPE_BITS) {
                    throw new IllegalStateException("too many open leases: open=" + taken + " (expected: fewer than "
                            + (1 << STRIPE_BITS) + " per stripe)");
                }
            }
        } finally {
            growth.unlock();
        }
    }

    /** Publishes a claimed slot. */
    void open(Slot<T> slot, Node<T> node, long start) {
        slot.node = node;
        slot.start = start;
        STATE.setRelease(slot, (int) STATE.getOpaque(slot) - CLAIMED + OPEN);
    }

    /** Gives a claimed slot back unused. */
    void abandon(Slot<T> slot) {
        STATE.setRelease(slot, (int) STATE.getOpaque(slot) - CLAIMED);
    }

    /** Ends and counts a lease, if it is open; then the caller has the slot alone until it frees it. */
    boolean end(Slot<T> slot, int generation, int counter) {
        int open = (generation << 2) | OPEN;
        if ((int) STATE.getAcquire(slot) != open || !STATE.compareAndSet(slot, open, open - OPEN + CLOSING)) {
            return false;
        }
        COUNTS.setOpaque(slot.counts, counter, slot.counts[counter] + 1);
        return true;
    }

    /** The second half of an end, by the same thread. */
    void free(Slot<T> slot, int generation) {
        slot.node = null; // what has been closed must not be held by an unused slot
        STATE.setRelease(slot, ((generation + 1) & GENERATIONS) << 2);
        slot.stripe.hint = slot.index;
    }

    /** The node of a slot between {@link #end} and {@link #free}. */
    static <T> Node<T> node(Slot<T> slot) {
        Node<T> node = slot.node;
        if (node == null) {
            throw new AssertionError("a closing slot without a node");
        }
        return node;
    }

    static long start(Slot<?> slot) {
        return slot.start;
    }

    /** The slot a token names. */
    Slot<T> slot(long token) {
        int number = (int) (token >>> (32 + STRIPE_BITS));
        int index = (int) (token >>> 32) & ((1 << STRIPE_BITS) - 1);
        if (token >= 0 && number < stripes.length) {
            Slot<T>[] slots = stripes[number].slots;
            if (index < slots.length) {
                return slots[index];
            }
        }
        throw new IllegalArgumentException(
                "token must be one of this balancer's: token=" + token + " (expected: what acquire() returned)");
    }

    static int generation(long token) {
        return (int) token & GENERATIONS;
    }

    /** The node of an open lease, or null if it is not open any more. */
    @Nullable
    Node<T> peek(Slot<T> slot, int generation) {
        int open = (generation << 2) | OPEN;
        if ((int) STATE.getAcquire(slot) != open) {
            return null;
        }
        Node<T> node = slot.node;
        VarHandle.acquireFence();
        return (int) STATE.getOpaque(slot) == open ? node : null;
    }

    /** What is told about leases that are too old. */
    @FunctionalInterface
    interface Visitor<T> {
        void tooOld(Slot<T> slot, int generation, long age);
    }

    /** Shows every open lease that began at least {@code age} before {@code now}. */
    void tooOld(long now, long age, Visitor<T> visitor) {
        for (Stripe<T> stripe : stripes) {
            for (Slot<T> slot : stripe.slots) {
                int state = (int) STATE.getAcquire(slot);
                if ((state & PHASE) == OPEN && now - slot.start >= age) {
                    // If the slot has changed hands since, the start read may be another lease's; then so is the
                    // generation, and ending it fails.
                    visitor.tooOld(slot, state >>> 2, now - slot.start);
                }
            }
        }
    }

    /** The sums of the counters: outcomes by ordinal, then reclaimed, then the leases that are open now. */
    long[] totals() {
        long[] totals = new long[RECLAIMED + 2];
        for (Stripe<T> stripe : stripes) {
            for (Slot<T> slot : stripe.slots) {
                int phase = (int) STATE.getAcquire(slot) & PHASE;
                totals[RECLAIMED + 1] += phase == OPEN ? 1 : 0;
                for (int i = 0; i <= RECLAIMED; i++) {
                    totals[i] += (long) COUNTS.getOpaque(slot.counts, i);
                }
            }
        }
        return totals;
    }
}
