// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/** Skeleton. */
public final class IntervalReader {
    private IntervalReader() {}

    /** {@return what was recorded since the last call} */
    public HistogramSnapshot next() {
        throw new UnsupportedOperationException();
    }
}
