// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.migrate;

import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What moves between two maps: exactly which ranges of hashes, from where to where.
 *
 * <p>Nodes are told apart by their ids: a node that changes its weight or zone is the same node. A node that is a copy
 * before and after, but in another place of the order, has nothing to move.
 *
 * <p><b>Thread-safety:</b> immutable.
 *
 * <p><b>Time and memory:</b> a plan is made in one walk over the ranges of both tables; its moves are joined where they
 * touch.
 *
 * <p><b>Failure:</b> maps with different hashers, or with placements whose ranges cannot be listed, are refused.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * MigrationPlan<String> plan = MigrationPlan.between(map, map.with(Node.of("db-4")));
 * log.info("{} of the keys move, {} at least", plan.movedFraction(), plan.leastFraction());
 * for (List<Move> batch : plan.batches(2)) {
 *     copyAll(batch); // no node takes part in more than two moves at once
 * }
 * }</pre>
 *
 * @param <K> type of the keys
 */
public final class MigrationPlan<K> {
    private final HashShardMap<K> from;
    private final HashShardMap<K> to;
    private final int copies;
    private final List<Move> moves;
    private final double movedFraction;
    private final double leastFraction;

    private MigrationPlan(HashShardMap<K> from, HashShardMap<K> to, int copies) {
        this.from = from;
        this.to = to;
        this.copies = copies;
        Walk walk = new Walk(from.placement(), to.placement(), copies);
        walk.run();
        this.moves = List.copyOf(walk.moves);
        this.movedFraction = walk.moved / copies * 0x1p-64;
        double least = 0;
        for (double gain : walk.gains.values()) {
            least += Math.max(0, gain);
        }
        this.leastFraction = least / copies * 0x1p-64;
    }

    /**
     * {@return the plan for the first owners of the keys}
     *
     * @param <K> type of the keys
     * @param from the map before
     * @param to the map after
     * @throws IllegalArgumentException if the hashers differ, or the ranges of a placement cannot be listed
     */
    public static <K> MigrationPlan<K> between(HashShardMap<K> from, HashShardMap<K> to) {
        return between(from, to, 1);
    }

    /**
     * {@return the plan for several copies of the keys}
     *
     * @param <K> type of the keys
     * @param from the map before
     * @param to the map after
     * @param copies copies of each key, 1 to the number of nodes of the smaller map
     * @throws IllegalArgumentException if the hashers differ, the ranges of a placement cannot be listed, or there are not
     *     as many nodes
     */
    public static <K> MigrationPlan<K> between(HashShardMap<K> from, HashShardMap<K> to, int copies) {
        if (!from.hasher().id().equals(to.hasher().id())) {
            throw new IllegalArgumentException("hashers must be the same: from="
                    + from.hasher().id() + ", to=" + to.hasher().id() + " (expected: equal ids)");
        }
        for (HashShardMap<K> map : List.of(from, to)) {
            if (!map.placement().properties().enumerableRanges()) {
                throw new IllegalArgumentException("placement must have ranges that can be listed: placement="
                        + map.placement().id() + " (expected: slots, ring or maglev)");
            }
        }
        int most = Math.min(from.nodes().size(), to.nodes().size());
        if (copies < 1 || copies > most) {
            throw new IllegalArgumentException("copies must be in range: copies=" + copies + " (expected: 1 to " + most
                    + ", the number of nodes of the smaller map)");
        }
        return new MigrationPlan<>(from, to, copies);
    }

    /** {@return the map before} */
    public HashShardMap<K> from() {
        return from;
    }

    /** {@return the map after} */
    public HashShardMap<K> to() {
        return to;
    }

    /** {@return how many copies of each key were planned} */
    public int copies() {
        return copies;
    }

    /** {@return the moves, ordered by their first hash; for one copy their ranges are disjoint} */
    public List<Move> moves() {
        return moves;
    }

    /** {@return the part of all copies that moves, 0 to 1} */
    public double movedFraction() {
        return movedFraction;
    }

    /** {@return the part that any plan must move to give every node what it has after: the sum of all gains, 0 to 1} */
    public double leastFraction() {
        return leastFraction;
    }

    /**
     * {@return whether a copy of the key must be moved}
     *
     * @param key the key
     */
    public boolean moves(K key) {
        if (copies == 1) {
            return !from.locate(key).id().equals(to.locate(key).id());
        }
        List<String> before = from.replicas(key, copies).stream().map(Node::id).toList();
        return !to.replicas(key, copies).stream().map(Node::id).allMatch(before::contains);
    }

    /**
     * {@return those of the keys of which a copy must be moved: a dry run}
     *
     * @param keys real keys, or a sample of them
     */
    public List<K> movedOf(Collection<? extends K> keys) {
        List<K> moved = new ArrayList<>();
        for (K key : keys) {
            if (moves(key)) {
                moved.add(key);
            }
        }
        return List.copyOf(moved);
    }

    /**
     * {@return the moves in batches to be done one after the other, in each of which no node gives or receives too much}
     *
     * @param movesPerNode moves in a batch that one node takes part in, at least 1
     * @throws IllegalArgumentException if it is less
     */
    public List<List<Move>> batches(int movesPerNode) {
        if (movesPerNode < 1) {
            throw new IllegalArgumentException(
                    "movesPerNode must be positive: movesPerNode=" + movesPerNode + " (expected: 1 or more)");
        }
        List<List<Move>> batches = new ArrayList<>();
        List<Move> rest = new ArrayList<>(moves);
        while (!rest.isEmpty()) {
            Map<String, Integer> busy = new HashMap<>();
            List<Move> batch = new ArrayList<>();
            Predicate<Move> fits = move -> {
                String giver = move.from().id();
                String receiver = move.to().id();
                if (busy.getOrDefault(giver, 0) >= movesPerNode || busy.getOrDefault(receiver, 0) >= movesPerNode) {
                    return false;
                }
                busy.merge(giver, 1, Integer::sum);
                busy.merge(receiver, 1, Integer::sum);
                return batch.add(move);
            };
            rest.removeIf(fits);
            batches.add(List.copyOf(batch));
        }
        return List.copyOf(batches);
    }

    @Override
    public String toString() {
        return "MigrationPlan[epochs=" + from.epoch() + " to " + to.epoch() + ", copies=" + copies + ", moves="
                + moves.size() + ", moved=" + movedFraction + ", least=" + leastFraction + "]";
    }

    /** One walk over the hashes from 0 up, a step for each range in which neither table changes. */
    private static final class Walk {
        private record Route(String from, String to, int replica) {}

        private final Placement from;
        private final Placement to;
        private final List<Node> fromNodes;
        private final List<Node> toNodes;
        private final int copies;
        private final List<Move> moves = new ArrayList<>();
        private final Map<Route, Integer> latest = new HashMap<>();
        private final Map<String, Double> gains = new HashMap<>();
        private double moved;

        Walk(Placement from, Placement to, int copies) {
            this.from = from;
            this.to = to;
            this.fromNodes = from.nodes();
            this.toNodes = to.nodes();
            this.copies = copies;
        }

        void run() {
            int[] old = new int[copies];
            int[] next = new int[copies];
            long first = 0;
            do {
                long end = from.rangeEnd(first);
                long otherEnd = to.rangeEnd(first);
                long last = Long.compareUnsigned(end, otherEnd) < 0 ? end : otherEnd;
                from.replicas(first, old);
                to.replicas(first, next);
                step(first, last, old, next);
                first = last + 1;
            } while (first != 0);
        }

        private void step(long first, long last, int[] old, int[] next) {
            double hashes = Move.hashes(first, last);
            int giver = 0;
            for (int replica = 0; replica < copies; replica++) {
                Node receiver = toNodes.get(next[replica]);
                if (holds(old, fromNodes, receiver.id())) {
                    continue;
                }
                while (holds(next, toNodes, fromNodes.get(old[giver]).id())) {
                    giver++;
                }
                Node loser = fromNodes.get(old[giver++]);
                add(new Move(first, last, loser, receiver, replica));
                moved += hashes;
                gains.merge(receiver.id(), hashes, Double::sum);
                gains.merge(loser.id(), -hashes, Double::sum);
            }
        }

        private static boolean holds(int[] owners, List<Node> nodes, String id) {
            for (int owner : owners) {
                if (nodes.get(owner).id().equals(id)) {
                    return true;
                }
            }
            return false;
        }

        private void add(Move move) {
            Route route = new Route(move.from().id(), move.to().id(), move.replica());
            Integer before = latest.get(route);
            if (before != null && moves.get(before).last() + 1 == move.first()) {
                Move joined = moves.get(before);
                moves.set(before, new Move(joined.first(), move.last(), move.from(), move.to(), move.replica()));
            } else {
                latest.put(route, moves.size());
                moves.add(move);
            }
        }
    }
}
