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

    private static final class Place extends PerThread.Cell {
        private int next;

        Place(int next) {
            this.next = next;
        }
    }

    private final Places places;
    private final Place first;
    private final int count;

    RoundRobin(Node<?>[] nodes, Places places) {
        super(nodes);
        this.places = places;
        this.count = nodes.length;
        this.first = places.places.first();
    }

    @Override
    int pick(@Nullable PickContext context) {
        Place place = first;
        if (!place.mine()) {
            place = places.places.mine();
            if (place == null) {
                return places.others.next(nodes.length);
            }
        }
        int n = count;
        int at = place.next;
        if (at >= n) {
            at = at == n ? 0 : at % n; // greater only at the beginning, or when the fleet has shrunk
        }
        place.next = at + 1;
        return at;
    }
}
