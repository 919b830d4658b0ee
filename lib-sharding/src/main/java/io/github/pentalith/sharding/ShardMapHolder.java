// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.function.UnaryOperator;

/**
 * The one mutable cell: the map that is current now.
 *
 * @param <M> type of the map
 */
public final class ShardMapHolder<M extends ShardMap<?>> {
    private ShardMapHolder() {}

    /**
     * {@return a holder}
     *
     * @param <M> type of the map
     * @param name name in logs and metrics
     * @param first the first map
     */
    public static <M extends ShardMap<?>> ShardMapHolder<M> of(String name, M first) {
        throw new UnsupportedOperationException();
    }

    /** {@return the name} */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** {@return the current map} */
    public M current() {
        throw new UnsupportedOperationException();
    }

    /**
     * Publishes a map if its epoch is greater than the current one's.
     *
     * @param next the map
     * @return whether it is current now
     */
    public boolean publish(M next) {
        throw new UnsupportedOperationException();
    }

    /**
     * Changes the current map.
     *
     * @param change gives the next map
     * @return the map that was published
     */
    public M update(UnaryOperator<M> change) {
        throw new UnsupportedOperationException();
    }

    /** {@return counts since creation, and the state now} */
    public Stats stats() {
        throw new UnsupportedOperationException();
    }

    /**
     * Counts since creation, and the state now.
     *
     * @param name name of the holder
     * @param epoch epoch of the current map
     * @param nodes number of nodes of the current map
     * @param published maps published
     * @param rejected maps refused because their epoch was not greater
     */
    public record Stats(String name, long epoch, int nodes, long published, long rejected) {}
}
