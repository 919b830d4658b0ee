// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The open leases. A lease is a slot and a generation; ending it compares the generation, so a second or late end does
 * nothing, whatever happened to the slot since. Scanning the slots finds the abandoned ones.
 *
 * <pre>
 * state = generation &lt;&lt; 2 | phase       FREE (-> CLAIMED) -> OPEN (-> CLOSING) -> FREE of the next generation
 * token = slot index &lt;&lt; 32 | the lower half of the state while open
 * </pre>
 *
 * <p>A thread claims slots of its own stripe, which nobody else does, so it needs no atomic step: it writes node and start
 * and then OPEN with a release store. Threads without a stripe share some, and pass through CLAIMED by compare-and-set,
 * which keeps others away while they write. A lease may be ended by any thread, once: the compare-and-set from OPEN to the
 * next generation is the only atomic step of its life here. So generations count how many leases have ended; of those that
 * ended in anything but success there is a counter each, which is increased in CLOSING, that is, before they count as
 * ended. A thread gets the slot that was freed last, which is in its cache. A free slot still refers to its last node; a
 * node that is closed gives up what was attached to it.
 */
final class Slots<T> {
    private static final int FREE = 0;
    private static final int CLAIMED = 1;
    private static final int OPEN = 2;
    private static final int CLOSING = 3;
    private static final long PHASE = 3;
    private static final long NEXT = 4; // generation

    private static final int FIRST_LENGTH = 16; // of a stripe; a power of two
    private static final int LOOK_AT = 16;
    private static final int MOST = 1 << 24; // slots of a balancer
    private static final int SUCCESS = Outcome.SUCCESS.index();
    static final int RECLAIMED = Outcome.COUNT; // counted beside the outcomes

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Slot.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** One lease at a time. */
    static final class Slot<T> {
        private final Stripe<T> stripe;
        private final int index; // among all
        private final int place; // within the stripe

        @SuppressWarnings("unused") // through STATE
        private volatile long state;

        private @Nullable Node<T> node;
        private long start;

        Slot(Stripe<T> stripe, int index, int place) {
            this.stripe = stripe;
            this.index = index;
            this.place = place;
        }

        long token(int lease) {
            return ((long) index << 32) | (lease & 0xFFFF_FFFFL);
        }

        Dispatch<T> dispatch() {
            return stripe.dispatch;
        }

        /** When the lease began; of an ended one, anything. */
        long start() {
            return start;
        }
    }

    /** Some slots. */
    static final class Stripe<T> extends PerThread.Cell {
        final Dispatch<T> dispatch;
        volatile Slot<T>[] slots = array(0);

        @Nullable
        Slot<T> next; // racy on purpose: a wrong one costs a step, nothing else

        Stripe(Dispatch<T> dispatch) {
            this.dispatch = dispatch;
        }
    }

    private final PerThread<Stripe<T>> owned;
    private final Stripe<T> first;
    private final Stripe<T>[] shared;
    private final ReentrantLock growth = new ReentrantLock();
    private volatile Slot<T>[] all = array(0);
    private final LongAdder[] others = new LongAdder[RECLAIMED + 1]; // how many ended in other ways than success
    private final AtomicLong succeeded = new AtomicLong(); // the greatest number that was told, as it may not fall

    @SuppressWarnings({"unchecked", "rawtypes"})
    Slots(Dispatch<T> dispatch) {
        this.owned = new PerThread<>(() -> new Stripe<>(dispatch));
        this.first = owned.first();
        this.shared = new Stripe[StripedSequence.stripes()];
        for (int i = 0; i < shared.length; i++) {
            shared[i] = new Stripe<>(dispatch);
        }
        for (int i = 0; i < others.length; i++) {
            others[i] = new LongAdder();
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <T> Slot<T>[] array(int length) {
        return new Slot[length];
    }

    // Begin

    /** A slot that is the caller's until it is opened. */
    Slot<T> claim() {
        Stripe<T> stripe = first.mine() ? first : owned.mine();
        if (stripe != null) {
            Slot<T> slot = stripe.next;
            // Acquire: whoever freed it has read it before.
            if (slot != null && ((long) STATE.getAcquire(slot) & PHASE) == FREE) {
                return slot; // and nobody else's, as the stripe is the caller's
            }
            return claim(stripe);
        }
        return claim(shared[(int) Thread.currentThread().getId() & (shared.length - 1)]);
    }

    /** Opens a claimed slot; returns what names the lease within it. */
    int open(Slot<T> slot, Node<T> node, long start) {
        slot.node = node;
        slot.start = start;
        long state = ((long) STATE.getOpaque(slot) & ~PHASE) + OPEN;
        STATE.setRelease(slot, state);
        return (int) state;
    }

    /** Gives back a claimed slot that was not opened. */
    void unclaim(Slot<T> slot) {
        long state = (long) STATE.getOpaque(slot);
        if ((state & PHASE) == CLAIMED) { // else it is FREE, of the caller's own stripe
            STATE.setRelease(slot, state - CLAIMED);
        }
    }

    private Slot<T> claim(Stripe<T> stripe) {
        Slot<T>[] slots = stripe.slots;
        Slot<T> next = stripe.next;
        int from = next == null ? 0 : next.place;
        for (int i = 0; i < Math.min(LOOK_AT, slots.length); i++) {
            Slot<T> slot = slots[(from + i) & (slots.length - 1)];
            if (claim(slot)) {
                stripe.next = slot; // taken, too, but its neighbour may be free
                return slot;
            }
        }
        growth.lock();
        try {
            while (true) {
                slots = stripe.slots;
                int taken = 0;
                for (Slot<T> slot : slots) {
                    taken += ((long) STATE.getOpaque(slot) & PHASE) == FREE ? 0 : 1;
                }
                if (taken >= slots.length / 2) {
                    grow(stripe);
                }
                for (int i = stripe.slots.length - 1; i >= 0; i--) {
                    Slot<T> slot = stripe.slots[i];
                    if (claim(slot)) {
                        stripe.next = slot;
                        return slot;
                    }
                }
            }
        } finally {
            growth.unlock();
        }
    }

    private static boolean claim(Slot<?> slot) {
        long state = (long) STATE.getOpaque(slot);
        return (state & PHASE) == FREE && STATE.compareAndSet(slot, state, state + CLAIMED);
    }

    /** Doubles a stripe. By one thread at a time. */
    private void grow(Stripe<T> stripe) {
        Slot<T>[] before = stripe.slots;
        Slot<T>[] slots = Arrays.copyOf(before, Math.max(FIRST_LENGTH, 2 * before.length));
        Slot<T>[] every = Arrays.copyOf(all, all.length + slots.length - before.length);
        if (every.length > MOST) {
            throw new IllegalStateException(
                    "too many open leases: open=" + totals()[RECLAIMED + 1] + " (expected: fewer)");
        }
        for (int i = before.length, index = all.length; i < slots.length; i++, index++) {
            slots[i] = new Slot<>(stripe, index, i);
            every[index] = slots[i];
        }
        all = every;
        stripe.slots = slots;
    }

    // End

    /** Ends a lease, counts it, and frees its slot; returns its node, or null if it is not open any more. */
    @Nullable
    Node<T> end(Slot<T> slot, int lease, int counter) {
        long state = (long) STATE.getAcquire(slot);
        if ((int) state != lease || (state & PHASE) != OPEN) {
            return null;
        }
        Node<T> node = slot.node; // of this lease, if it can still be ended
        if (counter == SUCCESS) {
            if (!STATE.compareAndSet(slot, state, state - OPEN + NEXT)) {
                return null;
            }
        } else {
            if (!STATE.compareAndSet(slot, state, state - OPEN + CLOSING)) {
                return null;
            }
            others[counter].increment();
            STATE.setRelease(slot, state - OPEN + NEXT);
        }
        Stripe<T> stripe = slot.stripe;
        if (stripe.next != slot) {
            stripe.next = slot;
        }
        return node;
    }

    /** The slot a token names. */
    Slot<T> slot(long token) {
        Slot<T>[] every = all;
        int index = (int) (token >>> 32);
        if (index < 0 || index >= every.length) { // as an array's own bounds, which are not checked again then
            throw new IllegalArgumentException(
                    "token must be one of this balancer's: token=" + token + " (expected: what acquire() returned)");
        }
        return every[index];
    }

    /** The node of an open lease, or null if it is not open any more. */
    @Nullable
    Node<T> peek(Slot<T> slot, int lease) {
        if ((int) (long) STATE.getAcquire(slot) != lease || (lease & PHASE) != OPEN) {
            return null;
        }
        Node<T> node = slot.node;
        VarHandle.acquireFence();
        return (int) (long) STATE.getOpaque(slot) == lease ? node : null;
    }

    // Inspection

    /** What is told about leases that are too old. */
    @FunctionalInterface
    interface Visitor<T> {
        void tooOld(Slot<T> slot, int lease, long age);
    }

    /** Shows every open lease that began at least {@code age} before {@code now}. */
    void tooOld(long now, long age, Visitor<T> visitor) {
        for (Slot<T> slot : all) {
            long state = (long) STATE.getAcquire(slot);
            if ((state & PHASE) == OPEN && now - slot.start >= age) {
                // If the slot has changed hands since, the start read may be another lease's; then so is the
                // generation, and ending it fails.
                visitor.tooOld(slot, (int) state, now - slot.start);
            }
        }
    }

    /** The sums of the counters: outcomes by ordinal, then reclaimed, then the leases that are open now. */
    long[] totals() {
        long[] totals = new long[RECLAIMED + 2];
        long ended = 0;
        for (Slot<T> slot : all) {
            long state = (long) STATE.getAcquire(slot);
            totals[RECLAIMED + 1] += (state & PHASE) == OPEN ? 1 : 0;
            ended += state / NEXT;
        }
        // Read after the generations: whatever is among those and did not succeed is among these.
        for (int i = 0; i <= RECLAIMED; i++) {
            totals[i] = others[i].sum();
            ended -= totals[i];
        }
        totals[SUCCESS] = succeeded.accumulateAndGet(ended, Math::max);
        return totals;
    }
}
