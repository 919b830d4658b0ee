// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The last n calls, one bit each. A call draws a ticket, which names its place, and writes only if the bit there changes.
 * n good calls and one more are n good calls: as long as the window is full of them, a good call writes nothing at all,
 * so healthy traffic shares its cache lines.
 *
 * <p>A count is never less than the number of its bits, whoever is at work: a bit is counted before it is set, and no longer
 * counted after it is cleared. So a count of zero says that there are no bits. With nobody at work it is their number;
 * calls that report at the same moment may see each other's bit or not.
 */
final class CountWindow extends Window {
    private final int size;
    private final PaddedLong tickets = new PaddedLong(0);
    private final Bits failed;
    private final Bits slow;
    private final boolean countsSlow;

    CountWindow(int size, boolean countsSlow) {
        this.size = size;
        this.countsSlow = countsSlow;
        this.failed = new Bits(size);
        this.slow = new Bits(countsSlow ? size : 1);
    }

    @Override
    boolean record(BreakerSettings settings, boolean failure, boolean late, long now) {
        if (!failure && !late && failed.count() == 0 && slow.count() == 0 && tickets.get() >= size) {
            return false;
        }
        long ticket = tickets.getAndAdd(1);
        int place = (int) (ticket % size);
        failed.put(place, failure);
        if (countsSlow) {
            slow.put(place, late);
        }
        int failures = failed.count();
        int lates = slow.count();
        return (failure || late) && tooMany(settings, Math.min(ticket + 1, size), failures, lates);
    }

    @Override
    double failureRate() {
        return rate(failed.count(), Math.min(tickets.get(), size));
    }

    @Override
    double slowRate() {
        return countsSlow ? rate(slow.count(), Math.min(tickets.get(), size)) : Double.NaN;
    }

    /** True if both counts are those of the bits, as they are whenever no call is being recorded. */
    boolean isConsistent() {
        return failed.isConsistent() && slow.isConsistent();
    }

    private static final class Bits {
        private final AtomicLongArray words;
        private final AtomicInteger count = new AtomicInteger();

        Bits(int size) {
            words = new AtomicLongArray((size + 63) / 64);
        }

        void put(int place, boolean value) {
            int index = place >>> 6;
            long bit = 1L << place;
            boolean counted = false;
            long word = words.get(index);
            while (((word & bit) != 0) != value) {
                if (value && !counted) {
                    count.incrementAndGet();
                    counted = true;
                }
                if (words.compareAndSet(index, word, word ^ bit)) {
                    counted = !value;
                    break;
                }
                word = words.get(index);
            }
            if (counted) {
                count.decrementAndGet(); // was cleared, or set by another call
            }
        }

        int count() {
            return count.get();
        }

        boolean isConsistent() {
            int set = 0;
            for (int i = 0; i < words.length(); i++) {
                set += Long.bitCount(words.get(i));
            }
            return set == count.get();
        }
    }
}
