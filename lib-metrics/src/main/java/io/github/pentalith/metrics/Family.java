// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/**
 * Skeleton.
 *
 * @param <M> the metric
 */
public final class Family<M> {
    private Family() {}

    /**
     * The metric of these label values.
     *
     * @param values the values
     * @return the metric
     */
    public M with(String... values) {
        throw new UnsupportedOperationException();
    }

    /**
     * Removes.
     *
     * @param values the values
     */
    public void remove(String... values) {
        throw new UnsupportedOperationException();
    }
}
