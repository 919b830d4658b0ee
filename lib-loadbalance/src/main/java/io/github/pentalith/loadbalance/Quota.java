// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.Arrays;

/**
 * A rotation in which, after any number t of picks, endpoint i has had more than t*w/W - 1 and fewer than t*w/W + 1 of
 * them (w its weight, W the sum of all).
 *
 * <p>It is the "chairman assignment" (R. Tijdeman, 1980, doi:10.1016/0012-365X(80)90269-1) as a deadline schedule: the
 * (k+1)-th pick of i may come at {@code release = floor((k*W + q - 1) / w) + 1} at the earliest, else it would be too far
 * ahead, and must come by {@code deadline = floor(((k+1)*W - q) / w) + 1}, else it would fall behind. Among the released
 * ones the earliest deadline is taken. With q = W / (2n - 2) that is Tijdeman's rule, whose error is at most
 * 1 - 1/(2n - 2) and which spreads best.
 *
 * <p>The very first pick is random in proportion to the weights, so that many fresh balancers do not all begin with the
 * heaviest endpoint. That may cost Tijdeman's margin: if a deadline is missed, the schedule is made again with q = 1,
 * that is, with the plain bound 1. This always succeeds: up to any t short of the period, the picks that must have come
 * are at most t - 1, as the fractions of the t*w/W add up to a whole number of at least 1, so there is a place for one
 * pick of anybody's choice (Hall's theorem for intervals).
 *
 * <p>All arithmetic is exact: W is below 2^40 (2^20 endpoints of weight 10^6), k*W below 2^60.
 */
final class Quota {
    private static final int INDEX_BITS = 20;

    private final long[] weights; // divided by their common divisor
    private final long sum;
    private final long margin;
    private final int[] done; // picks of each in this period
    private long time; // picks in this period
    private Heap waiting; // release times
    private Heap ready; // deadlines

    private Quota(long[] weights, long sum, long margin) {
        this.weights = weights;
        this.sum = sum;
        this.margin = margin;
        this.done = new int[weights.length];
        this.waiting = new Heap(weights.length);
        this.ready = new Heap(weights.length);
        begin(-1);
    }

    private Quota(Quota other) {
        weights = other.weights;
        sum = other.sum;
        margin = other.margin;
        done = other.done.clone();
        time = other.time;
        waiting = new Heap(other.waiting);
        ready = new Heap(other.ready);
    }

    /** A schedule with the plain bound, whose first pick is given. */
    static Quota startingWith(int first, int[] weights) {
        long[] reduced = reduced(weights);
        return startingWith(first, new Quota(reduced, sum(reduced), 1));
    }

    private static Quota startingWith(int first, Quota quota) {
        quota.begin(first);
        return quota;
    }

    Quota copy() {
        return new Quota(this);
    }

    /** The sum of the weights divided by their common divisor: after so many picks all begins anew. */
    static long period(int[] weights) {
        return sum(reduced(weights));
    }

    /** One whole period, whose first pick is given. */
    static int[] table(int first, int[] weights) {
        long[] reduced = reduced(weights);
        long sum = sum(reduced);
        long tijdeman = sum / Math.max(1, 2L * weights.length - 2);
        int[] table = new int[Math.toIntExact(sum)];
        if (tijdeman <= 1
                || !startingWith(first, new Quota(reduced, sum, tijdeman)).fill(table)) {
            boolean kept = startingWith(first, new Quota(reduced, sum, 1)).fill(table);
            if (!kept) {
                throw new AssertionError("no schedule for " + Arrays.toString(weights));
            }
        }
        return table;
    }

    /** False if a deadline was missed. */
    boolean fill(int[] picks) {
        for (int i = 0; i < picks.length; i++) {
            int next = next();
            if (next < 0) {
                return false;
            }
            picks[i] = next;
        }
        return true;
    }

    private void begin(int first) {
        time = 0;
        Arrays.fill(done, 0);
        waiting.clear();
        ready.clear();
        for (int i = 0; i < weights.length; i++) {
            if (i != first) {
                waiting.add(release(i));
            }
        }
        if (first >= 0) {
            ready.add(first); // deadline 0: before all others
        }
    }

    private long release(int i) {
        return (((done[i] * sum + margin - 1) / weights[i] + 1) << INDEX_BITS) | i;
    }

    private long deadline(int i) {
        return ((((done[i] + 1) * sum - margin) / weights[i] + 1) << INDEX_BITS) | i;
    }

    private int next() {
        time++;
        while (!waiting.isEmpty() && waiting.least() >>> INDEX_BITS <= time) {
            int released = index(waiting.take());
            ready.add(deadline(released));
        }
        if (ready.isEmpty()) {
            return -1;
        }
        long earliest = ready.take();
        long deadline = earliest >>> INDEX_BITS;
        if (deadline != 0 && deadline < time) {
            return -1;
        }
        int pick = index(earliest);
        done[pick]++;
        if (time == sum) {
            begin(-1);
        } else if (done[pick] < weights[pick]) {
            waiting.add(release(pick));
        }
        return pick;
    }

    private static int index(long key) {
        return (int) key & ((1 << INDEX_BITS) - 1);
    }

    private static long[] reduced(int[] weights) {
        long divisor = 0;
        for (int weight : weights) {
            divisor = divisor(weight, divisor);
        }
        long[] reduced = new long[weights.length];
        for (int i = 0; i < weights.length; i++) {
            reduced[i] = weights[i] / divisor;
        }
        return reduced;
    }

    private static long divisor(long a, long b) {
        return b == 0 ? a : divisor(b, a % b);
    }

    private static long sum(long[] weights) {
        long sum = 0;
        for (long weight : weights) {
            sum += weight;
        }
        return sum;
    }

    /** A binary heap of longs, the least first. */
    private static final class Heap {
        private final long[] keys;
        private int size;

        Heap(int capacity) {
            keys = new long[capacity];
        }

        Heap(Heap other) {
            keys = other.keys.clone();
            size = other.size;
        }

        void clear() {
            size = 0;
        }

        boolean isEmpty() {
            return size == 0;
        }

        long least() {
            return keys[0];
        }

        void add(long key) {
            int at = size++;
            while (at > 0 && keys[(at - 1) >>> 1] > key) {
                keys[at] = keys[(at - 1) >>> 1];
                at = (at - 1) >>> 1;
            }
            keys[at] = key;
        }

        long take() {
            long least = keys[0];
            long key = keys[--size];
            int at = 0;
            while (2 * at + 1 < size) {
                int child = 2 * at + 1;
                if (child + 1 < size && keys[child + 1] < keys[child]) {
                    child++;
                }
                if (keys[child] >= key) {
                    break;
                }
                keys[at] = keys[child];
                at = child;
            }
            keys[at] = key;
            return least;
        }
    }
}
