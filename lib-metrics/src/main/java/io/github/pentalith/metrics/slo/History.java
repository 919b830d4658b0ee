// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import java.util.Arrays;

/**
 * Two totals over time, remembered the more coarsely the longer ago: marks lie no further apart than one tick or a 64th
 * of their age. So the last minutes and the last month together take some ten kilobytes, and a window of any length
 * begins at most a 64th of itself (or one tick) too early. Totals that fall are restarts of their source, as Prometheus
 * takes them. Not thread-safe.
 */
final class History {
    private static final int RESOLUTION = 64;

    private final long horizonNanos;
    private long[] times = new long[RESOLUTION];
    private long[] totals = new long[RESOLUTION]; // since the first mark, restarts evened out
    private long[] errors = new long[RESOLUTION];
    private int size;
    private long lastTotal;
    private long lastErrors;

    /**
     * @param horizonNanos the longest window that will be asked for
     */
    History(long horizonNanos) {
        this.horizonNanos = horizonNanos;
    }

    void add(long now, long total, long error) {
        long moreTotal = size == 0 ? 0 : total >= lastTotal ? total - lastTotal : total;
        long moreErrors = size == 0 ? 0 : error >= lastErrors ? error - lastErrors : error;
        lastTotal = total;
        lastErrors = error;
        if (size == times.length) {
            times = Arrays.copyOf(times, size * 2);
            totals = Arrays.copyOf(totals, size * 2);
            errors = Arrays.copyOf(errors, size * 2);
        }
        times[size] = now;
        totals[size] = size == 0 ? 0 : totals[size - 1] + moreTotal;
        errors[size] = size == 0 ? 0 : errors[size - 1] + moreErrors;
        size++;
        thin(now);
    }

    private void thin(long now) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            boolean expired = i + 1 < size && now - times[i + 1] >= horizonNanos;
            boolean needless =
                    kept > 0 && i + 1 < size && times[i + 1] - times[kept - 1] <= (now - times[i + 1]) / RESOLUTION;
            if (!expired && !needless) {
                times[kept] = times[i];
                totals[kept] = totals[i];
                errors[kept] = errors[i];
                kept++;
            }
        }
        size = kept;
    }

    /** The newest mark that is at least so old, or else the oldest. */
    int at(long ageNanos) {
        long now = times[size - 1];
        int low = 0;
        int high = size - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (now - times[middle] >= ageNanos) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    int newest() {
        return size - 1;
    }

    int size() {
        return size;
    }

    long nanosBetween(int from, int to) {
        return times[to] - times[from];
    }

    long totalBetween(int from, int to) {
        return totals[to] - totals[from];
    }

    /** Never more than the total: the two are read one after the other. */
    long errorsBetween(int from, int to) {
        return Math.min(errors[to] - errors[from], totalBetween(from, to));
    }
}
