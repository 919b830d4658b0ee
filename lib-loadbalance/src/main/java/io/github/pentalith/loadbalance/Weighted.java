// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The weighted rotation. Keeps its place as long as neither the nodes nor their weights change. */
final class Weighted implements Picker.Chooser {
    private static final int LONGEST_TABLE =
            1 << 16; // or a few places for each node: no more work than the fleet is large
    private static final int PLACES = 4;
    private static final int CHUNK = 1 << 12;

    private final Draw draw;
    private @Nullable Picker last;
    private int[] lastWeights = {};

    Weighted(Draw draw) {
        this.draw = draw;
    }

    @Override
    public Picker over(Node<?>[] nodes, int[] plain, int @Nullable [] warmth) {
        int[] weights = Picker.warm(plain, warmth);
        if (last != null && Arrays.equals(last.nodes, nodes) && Arrays.equals(lastWeights, weights)) {
            return last;
        }
        int first = new AliasTable(weights).draw(draw.bits());
        lastWeights = weights;
        last = Quota.period(weights) <= Math.max(LONGEST_TABLE, PLACES * nodes.length)
                ? new Periodic(nodes, Quota.table(first, weights))
                : new Endless(nodes, Quota.startingWith(first, weights));
        return last;
    }

    /** The whole period in a table. */
    private static final class Periodic extends Picker {
        private final int[] table;
        private final StripedSequence places;
        private final Remainder remainder;

        Periodic(Node<?>[] nodes, int[] table) {
            super(nodes);
            this.table = table;
            this.remainder = new Remainder(table.length);
            // Threads that compete walk the table each for itself, evenly apart.
            this.places = new StripedSequence(0, Math.max(1, table.length / StripedSequence.stripes()));
        }

        @Override
        int pick(@Nullable PickContext context) {
            return table[remainder.of(places.next())];
        }
    }

    /**
     * For a period that is too long for a table: each stripe makes its schedule in chunks. The thread that takes a chunk's
     * last place makes the next one, which takes about a millisecond for many endpoints; others that come meanwhile do the
     * same, and the first one's is used.
     */
    private static final class Endless extends Picker {
        private final AtomicReferenceArray<Chunk> stripes;
        private final Chunk start;
        private boolean contended; // as in StripedSequence

        Endless(Node<?>[] nodes, Quota quota) {
            super(nodes);
            stripes = new AtomicReferenceArray<>(StripedSequence.stripes());
            start = new Chunk(quota);
            stripes.set(0, new Chunk(start));
        }

        @Override
        int pick(@Nullable PickContext context) {
            int stripe = contended ? (int) Thread.currentThread().getId() & (stripes.length() - 1) : 0;
            while (true) {
                Chunk chunk = stripes.get(stripe);
                if (chunk == null) {
                    stripes.compareAndSet(stripe, null, new Chunk(start));
                    continue;
                }
                int place = chunk.place.getPlain();
                if (place < CHUNK) {
                    if (chunk.place.compareAndSet(place, place + 1)) {
                        return chunk.picks[place];
                    }
                    contended = true;
                } else {
                    stripes.compareAndSet(stripe, chunk, new Chunk(chunk.after.copy()));
                }
            }
        }
    }

    private static final class Chunk {
        final int[] picks;
        final Quota after;
        final AtomicInteger place = new AtomicInteger();

        Chunk(Quota quota) {
            picks = new int[CHUNK];
            after = quota;
            boolean kept = quota.fill(picks);
            if (!kept) {
                throw new AssertionError("no schedule");
            }
        }

        Chunk(Chunk same) {
            picks = same.picks;
            after = same.after;
        }
    }
}
