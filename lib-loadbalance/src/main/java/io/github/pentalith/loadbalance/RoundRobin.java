// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One after the other. Each thread walks a full, fair cycle of its own, which takes no atomic step; the cycles begin apart.
 * They outlive the tables, so a change does not begin anew with the first.
 */
final class RoundRobin extends Picker {
    /** Where the threads are. */
    static final class Places {
        private static final int STEP = 7919;
        private final AtomicInteger begun = new AtomicInteger();
        private final int first;
        private final PerThread<Place> places;
        private final StripedSequence others; // of threads without a place of their own

        Places(int first) {
            this.first = first;
            this.places = new PerThread<>(() -> new Place(start(begun.getAndIncrement())));
            this.others = new StripedSequence(first, STEP);
        }

        private int start(int thread) {
            return (first + thread * STEP) & Integer.MAX_VALUE;
        }
    }

    /** Where one thread is. */
    static final class Place extends PerThread.Cell {
        private int next;

        Place(int next) {
            this.next = next;
        }

        /** Where to go among n; the owner's only. */
        int next(int n) {
            int at = next;
            if (at >= n) {
                at = at == n ? 0 : at % n; // greater only at the beginning, or when the fleet has shrunk
            }
            next = at + 1;
            return at;
        }
    }

    private final Places places;
    private final Place first;

    RoundRobin(Node<?>[] nodes, Places places) {
        super(nodes);
        this.places = places;
        this.first = places.places.first();
    }

    /** The first thread's. */
    Place first() {
        return first;
    }

    @Override
    int pick(@Nullable PickContext context) {
        Place place = first.mine() ? first : places.places.mine();
        return place == null ? places.others.next(nodes.length) : place.next(nodes.length);
    }
}
