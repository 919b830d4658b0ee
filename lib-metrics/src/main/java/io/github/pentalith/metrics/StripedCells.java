// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/*
 * The cells of one histogram.
 *
 * 1. Nothing is ever reset. Cells only grow; intervals and windows are differences of two readings. So each sample
 *    falls into exactly one interval, without phases, double buffers or a clock in the hot path. The count is not
 *    stored; it is the sum of the cells, so the two cannot disagree.
 * 2. Owners. Two stripes belong to one thread each, which adds to its cells with plain loads and stores: no locked
 *    operation, and none of the waiting that a processor does in front of one. The first thread that records owns the
 *    first stripe. A stripe changes hands only when its owner is dead: what a thread did happens before isAlive()
 *    answers false, so the next one starts from the last one's counts. There is no other way to take a stripe away
 *    from a running thread without a fence in every sample, and hence no other handover.
 * 3. Shared stripes take the samples of all other threads, by an atomic add to the cell and a compare-and-set on the
 *    sum. A thread that fails at the latter, or that has a shared stripe to itself for thousands of samples, gets the
 *    second stripe of point 2. If that has an owner, failures double the shared stripes, up to the number of
 *    processors, and the thread that noticed moves elsewhere (StripeChoice).
 * 4. Stripes are never removed, and the array of all stripes is replaced by a longer one by compare-and-set before
 *    anybody writes to a new one; so readers miss none.
 * 5. Growth. A stripe has a slot per octave; the first sample of an octave puts a page of cells into it by
 *    compare-and-set. A page that is there once stays there, so an add can never hit one that readers do not see. The
 *    loser of a race uses the winner's page.
 * 6. Order. Minimum, maximum and sum are updated before the cell (release), and read after it (acquire): a reading's
 *    extremes and sum embrace every sample that it counts.
 * 7. Speed is the number of instructions, some fifty: with nothing to wait for, the work of one sample overlaps with
 *    that of the next ones. So owners are compared here, not in the stripe, whose cache line its owner keeps writing.
 */
final class StripedCells {
    private static final VarHandle STRIPES;
    private static final VarHandle FIRST_OWNER;
    private static final VarHandle SECOND_OWNER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STRIPES = lookup.findVarHandle(StripedCells.class, "stripes", Stripe[].class);
            FIRST_OWNER = lookup.findVarHandle(StripedCells.class, "firstOwner", Thread.class);
            SECOND_OWNER = lookup.findVarHandle(StripedCells.class, "secondOwner", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static final int MOST_STRIPES = 2 + StripeChoice.MOST;

    /** A thread looks for a stripe of its own when the count of a bucket in a shared one ends in these bits, */
    private static final long BUSY = 255;

    /** and takes it when it was the one that looked this many times in a row. */
    private static final int LOOKS = 4;

    final ExponentialLayout layout;
    private final long[] steps; // of the layout, a load nearer
    private final int stepShift;
    private final boolean integral;
    private final StripeChoice choice;
    private final Stripe first;
    private @Nullable Thread firstOwner; // a thread that reads itself here has written it; all others only compare
    private @Nullable Thread secondOwner;
    private Stripe second; // once the second owner was set, and from then on always the same
    private volatile Stripe[] stripes; // all of them
    private volatile Stripe @Nullable [] byThread; // which of the shared ones a thread writes to
    private long lastLooker; // thread id; lost updates of these two only delay
    private int looks;

    /**
     * @param integral whether sums are exact integers ({@link #record(long)} only) or doubles
     */
    StripedCells(ExponentialLayout layout, boolean integral, StripeChoice choice) {
        this.layout = layout;
        this.steps = layout.steps;
        this.stepShift = layout.stepShift;
        this.integral = integral;
        this.choice = choice;
        this.first = stripe(false);
        this.second = first;
        this.stripes = new Stripe[] {first};
    }

    private Stripe stripe(boolean shared) {
        return new Stripe(1 << layout.scale, shared);
    }

    /** Adds a finite sample that is zero or more. */
    void record(double value) {
        if (value < Double.MIN_NORMAL) {
            stripe().addZero(Double.doubleToRawLongBits(value + 0.0)); // + 0.0 turns -0.0 into 0.0
            return;
        }
        long bits = ExponentialLayout.bitsBelow(value);
        int sub = ExponentialLayout.sub(ExponentialLayout.aligned(bits), steps, stepShift);
        int slot = Stripe.slot(ExponentialLayout.octave(bits));
        Stripe own = own();
        if (own != null) {
            own.add(slot, sub, value);
        } else {
            look(stripe().addShared(slot, sub, value));
        }
    }

    /** Adds a sample that is zero or more. */
    void record(long value) {
        if (!ExponentialLayout.isWhole(value)) {
            recordUnusual(value);
            return;
        }
        int zeros = Long.numberOfLeadingZeros(value - 1);
        int sub = ExponentialLayout.sub(value << zeros, steps, stepShift);
        int slot = Stripe.slotOfWhole(zeros);
        Stripe own = own();
        if (own != null) {
            own.add(slot, sub, value);
        } else {
            look(stripe().addShared(slot, sub, value));
        }
    }

    private void recordUnusual(long value) {
        if (value == 0) {
            stripe().addZero(0);
            return;
        }
        // As a double it has 53 bits, far more than a bucket's bounds need; the sum is exact.
        int index = layout.index((double) value);
        look(stripe().addShared(Stripe.slot(octave(index)), sub(index), value));
    }

    /**
     * Adds a sample and those that were not taken while it lasted: value - interval, value - 2 * interval and so on,
     * down to the interval. Costs O(buckets between the two), however many that are.
     */
    void recordCorrected(long value, long interval) {
        record(value);
        Stripe stripe = stripe();
        long rest = value % interval;
        long last = value / interval - 1;
        if (last > 0) {
            stripe.embrace(rest + interval); // the least of them; the greatest is the value itself
        }
        for (long next = 1; next <= last; ) {
            long least = rest + next * interval;
            int index = layout.index((double) least);
            long end = Math.max(next, Math.min(last, ((long) layout.upper(index) - rest) / interval));
            long count = end - next + 1;
            long steps = saturatedMultiply(interval, count % 2 == 0 ? count / 2 : (count - 1) / 2);
            long total = Stripe.saturatedAdd(
                    saturatedMultiply(least, count), saturatedMultiply(steps, count % 2 == 0 ? count - 1 : count));
            stripe.addAll(octave(index), sub(index), count, total);
            next = end + 1;
        }
    }

    private static long saturatedMultiply(long a, long b) {
        long low = a * b;
        return Math.multiplyHigh(a, b) != 0 || low < 0 ? Long.MAX_VALUE : low;
    }

    private int octave(int index) {
        return index >> layout.scale;
    }

    private int sub(int index) {
        return index & ((1 << layout.scale) - 1);
    }

    /** The stripe that the running thread owns. */
    private @Nullable Stripe own() {
        Thread me = Thread.currentThread();
        return me == firstOwner ? first : me == secondOwner ? second : null;
    }

    /** A stripe for atomic operations: the thread's own, or one that it shares. */
    private Stripe stripe() {
        Stripe own = own();
        if (own != null) {
            return own;
        }
        if (firstOwner == null && claim(FIRST_OWNER)) {
            return first;
        }
        Stripe[] table = byThread;
        if (table == null) {
            table = share(0);
        }
        return table[StripeChoice.slot() & (table.length - 1)];
    }

    /** Makes the running thread the owner if there is none that lives. */
    private boolean claim(VarHandle owner) {
        Thread present = (Thread) owner.getVolatile(this);
        return (present == null || !present.isAlive()) && owner.compareAndSet(this, present, Thread.currentThread());
    }

    private boolean claimSecond() {
        Stripe[] now = stripes;
        Stripe unshared = null;
        for (Stripe stripe : now) {
            if (stripe != first && !stripe.shared) {
                unshared = stripe;
            }
        }
        if (unshared == null) {
            unshared = stripe(false);
            Stripe[] more = Arrays.copyOf(now, now.length + 1);
            more[now.length] = unshared;
            if (!STRIPES.compareAndSet(this, now, more)) {
                return false; // another thread has just added stripes; there will be a next time
            }
        }
        second = unshared;
        return claim(SECOND_OWNER);
    }

    /**
     * Looks at what an atomic add returned: whether two threads have met, or whether a thread without a stripe of its
     * own could do with one.
     */
    private void look(long before) {
        if ((before & BUSY) == BUSY) {
            lookCloser(before == Stripe.CONTENDED);
        }
    }

    private void lookCloser(boolean contended) {
        long id = Thread.currentThread().getId();
        looks = id == lastLooker ? looks + 1 : 1;
        lastLooker = id;
        if (own() != null || ((contended || looks >= LOOKS) && (claim(FIRST_OWNER) || claimSecond()))) {
            return;
        }
        if (contended) {
            Stripe[] table = share(shared(stripes).length);
            choice.move(shared(stripes), table);
        }
    }

    /** Makes twice as many shared stripes, unless there may not be more or are more than {@code known} already. */
    private Stripe[] share(int known) {
        Stripe[] now = stripes;
        int count = shared(now).length;
        if (count <= known && count < StripeChoice.MOST) {
            Stripe[] more = Arrays.copyOf(now, now.length + Math.max(1, count));
            for (int i = now.length; i < more.length; i++) {
                more[i] = stripe(true);
            }
            if (!STRIPES.compareAndSet(this, now, more)) {
                return share(known);
            }
        }
        Stripe[] table = choice.table(shared(stripes));
        byThread = table;
        return table;
    }

    private static Stripe[] shared(Stripe[] all) {
        return Arrays.stream(all).filter(stripe -> stripe.shared).toArray(Stripe[]::new);
    }

    /** Lets go of owners that are dead; else their stripes would keep them from being collected. */
    private void forgetTheDead() {
        forgetIfDead(FIRST_OWNER);
        forgetIfDead(SECOND_OWNER);
    }

    private void forgetIfDead(VarHandle owner) {
        Thread present = (Thread) owner.getVolatile(this);
        if (present != null && !present.isAlive()) {
            owner.compareAndSet(this, present, null);
        }
    }

    /** The owners of the two stripes that have one, in tests. */
    @Nullable
    Thread owner(int number) {
        return (Thread) (number == 0 ? FIRST_OWNER : SECOND_OWNER).getVolatile(this);
    }

    int stripeCount() {
        return stripes.length;
    }

    /** The number of samples so far. */
    long count() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.zeros();
            int end = stripe.endOfOctaves();
            for (int octave = stripe.lowestOctave(); octave < end; octave++) {
                long[] page = stripe.pageIfUsed(octave);
                for (int j = 0; page != null && j < page.length; j++) {
                    count += Stripe.cell(page, j);
                }
            }
        }
        return count;
    }

    double sum() {
        if (integral) {
            long sum = 0;
            for (Stripe stripe : stripes) {
                sum = Stripe.saturatedAdd(sum, stripe.sum());
            }
            return sum;
        }
        double sum = 0;
        for (Stripe stripe : stripes) {
            sum += Double.longBitsToDouble(stripe.sum());
        }
        return Math.min(sum, Double.MAX_VALUE);
    }

    private double min(Stripe[] all) {
        long min = Long.MAX_VALUE;
        for (Stripe stripe : all) {
            min = Math.min(min, stripe.min());
        }
        return integral ? min : Double.longBitsToDouble(min);
    }

    private double max(Stripe[] all) {
        long max = -1;
        for (Stripe stripe : all) {
            max = Math.max(max, stripe.max());
        }
        return integral ? max : Double.longBitsToDouble(max);
    }

    /**
     * Counts the samples at or below each bound, without garbage.
     *
     * @param limits ascending bucket numbers: everything in buckets below {@code limits[k]} is within bound k
     * @param cumulative receives one count per bound and then the count of all samples
     */
    void ladder(int[] limits, long[] cumulative) {
        forgetTheDead();
        Arrays.fill(cumulative, 0, limits.length + 1, 0);
        for (Stripe stripe : stripes) {
            cumulative[0] += stripe.zeros();
            int step = 0;
            int end = stripe.endOfOctaves();
            for (int octave = stripe.lowestOctave(); octave < end; octave++) {
                long[] page = stripe.pageIfUsed(octave);
                int index = octave << layout.scale;
                for (int j = 0; page != null && j < page.length; j++, index++) {
                    while (step < limits.length && index >= limits[step]) {
                        step++;
                    }
                    cumulative[step] += Stripe.cell(page, j);
                }
            }
        }
        for (int k = 1; k <= limits.length; k++) {
            cumulative[k] += cumulative[k - 1];
        }
    }

    /** Adds all cells up; without garbage once {@code into} has seen as many buckets. */
    void read(Buckets into) {
        forgetTheDead();
        Stripe[] all = stripes;
        into.clear(layout);
        int from = 0;
        int end = 0;
        for (Stripe stripe : all) {
            into.zeros += stripe.zeros();
            from = Math.min(from, stripe.lowestOctave());
            end = Math.max(end, stripe.endOfOctaves());
        }
        for (int octave = from; octave < end; octave++) {
            read(all, octave, into);
        }
        into.count += into.zeros;
        if (into.count > 0) {
            into.sum = sum();
            into.min = min(all);
            into.max = max(all);
        }
    }

    private void read(Stripe[] all, int octave, Buckets into) {
        long[] page = null;
        for (Stripe stripe : all) {
            long[] next = stripe.pageIfUsed(octave);
            if (page == null) {
                page = next;
            } else if (next != null) {
                long[] sums = into.scratch(next.length);
                for (int j = 0; j < sums.length; j++) {
                    sums[j] = Stripe.cell(page, j) + Stripe.cell(next, j);
                }
                page = sums;
            }
        }
        if (page != null) {
            into.append(octave << layout.scale, page);
        }
    }
}
