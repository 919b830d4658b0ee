// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import io.github.pentalith.sharding.ShardMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class MigrationPlanProperties {
    /** Keys that are their own hashes, so that a test can name any hash. */
    private static final KeyHasher<Long> IDENTITY = KeyHasher.of("identity", key -> key);

    @Provide
    Arbitrary<Placement> placements() {
        return Arbitraries.of(Placement.slots(64), Placement.slots(1_024), Placement.ring(8), Placement.maglev(251));
    }

    private static HashShardMap<Long> map(Placement placement, Random random) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            if (i < 3 || random.nextBoolean()) {
                nodes.add(Node.of("n" + i).weight(1 + random.nextInt(4)));
            }
        }
        return ShardMap.builder(IDENTITY).placement(placement).nodes(nodes).build();
    }

    private static List<String> ids(List<Node> nodes) {
        return nodes.stream().map(Node::id).toList();
    }

    @Property(tries = 100)
    void moves_ofAnyHash_areExactlyTheDifferenceOfItsOwners(
            @ForAll("placements") Placement placement,
            @ForAll @IntRange(min = 1, max = 3) int copies,
            @ForAll long seed) {
        Random random = new Random(seed);
        HashShardMap<Long> from = map(placement, random);
        HashShardMap<Long> to = from.withNodes(map(placement, random).nodes());
        MigrationPlan<Long> plan = MigrationPlan.between(from, to, copies);

        List<Long> hashes = new ArrayList<>(List.of(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE));
        random.longs(100).forEach(hashes::add);
        for (Move move : plan.moves()) {
            assertThat(Long.compareUnsigned(move.first(), move.last())).isNotPositive();
            if (random.nextInt(8) == 0) {
                LongStream.of(move.first() - 1, move.first(), move.last(), move.last() + 1)
                        .forEach(hashes::add);
            }
        }
        for (long hash : hashes) {
            List<Move> moves =
                    plan.moves().stream().filter(move -> move.contains(hash)).toList();
            List<String> old = ids(from.replicas(hash, copies));
            List<String> next = ids(to.replicas(hash, copies));
            assertThat(plan.moves(hash)).isEqualTo(!moves.isEmpty());
            List<String> after = new ArrayList<>(old);
            for (Move move : moves) {
                assertThat(after.remove(move.from().id())).isTrue();
                assertThat(next.get(move.replica())).isEqualTo(move.to().id());
                after.add(move.to().id());
            }
            assertThat(after).containsExactlyInAnyOrderElementsOf(next);
            assertThat(moves)
                    .hasSize((int) next.stream().filter(id -> !old.contains(id)).count());
        }
        assertThat(plan.moves().stream().mapToDouble(Move::fraction).sum())
                .isCloseTo(plan.movedFraction() * copies, within(1e-9));
        assertThat(plan.leastFraction()).isLessThanOrEqualTo(plan.movedFraction() + 1e-9);
        if (copies == 1) {
            for (int i = 1; i < plan.moves().size(); i++) {
                assertThat(Long.compareUnsigned(
                                plan.moves().get(i).first(),
                                plan.moves().get(i - 1).last()))
                        .isPositive();
            }
            if (placement.properties().minimalMovement() && placement.id().startsWith("slots")) {
                assertThat(plan.movedFraction()).isCloseTo(plan.leastFraction(), within(1e-9));
            }
        }
    }

    /** L14 at the default size: many hashes (a million in the long form), and both sides of every boundary. */
    @Example
    void moves_ofManyHashesAndAllBoundaries_areTheDifferenceOfTheOwners() {
        int random = "long".equals(System.getProperty("pentalith.tests")) ? 500_000 : 50_000;
        for (Placement choice : List.of(Placement.slots(), Placement.ring())) {
            HashShardMap<Long> from = ShardMap.builder(IDENTITY)
                    .placement(choice)
                    .nodes(IntStream.range(0, 40)
                            .mapToObj(i -> Node.of("n" + i).weight(1 + i % 3))
                            .toList())
                    .build();
            HashShardMap<Long> to =
                    from.without("n7").with(Node.of("n11").weight(9)).with(Node.of("new"));
            List<Move> moves = MigrationPlan.between(from, to).moves();
            long[] hashes = LongStream.concat(
                            new SplittableRandom(14).longs(random),
                            moves.stream()
                                    .flatMapToLong(move -> LongStream.of(
                                            move.first() - 1, move.first(), move.last(), move.last() + 1)))
                    .map(hash -> hash ^ Long.MIN_VALUE)
                    .sorted()
                    .map(hash -> hash ^ Long.MIN_VALUE)
                    .toArray();
            int next = 0; // the first move that does not end before the hash
            for (long hash : hashes) {
                while (next < moves.size()
                        && Long.compareUnsigned(moves.get(next).last(), hash) < 0) {
                    next++;
                }
                Node was = from.locateHash(hash);
                Node is = to.locateHash(hash);
                boolean moved = next < moves.size() && moves.get(next).contains(hash);
                if (moved != !was.id().equals(is.id())
                        || (moved && !moves.get(next).to().equals(is))) {
                    throw new AssertionError(hash + " from " + was + " to " + is);
                }
            }
        }
    }

    @Property(tries = 50)
    void batches_anyLimit_holdEveryMoveOnceAndKeepTheLimit(
            @ForAll("placements") Placement placement,
            @ForAll @IntRange(min = 1, max = 4) int limit,
            @ForAll long seed) {
        Random random = new Random(seed);
        HashShardMap<Long> from = map(placement, random);
        MigrationPlan<Long> plan = MigrationPlan.between(
                from, from.withNodes(map(placement, random).nodes()));
        List<Move> all = new ArrayList<>();
        for (List<Move> batch : plan.batches(limit)) {
            assertThat(batch).isNotEmpty();
            Map<Node, Integer> busy = new HashMap<>();
            for (Move move : batch) {
                assertThat(busy.merge(move.from(), 1, Integer::sum)).isLessThanOrEqualTo(limit);
                assertThat(busy.merge(move.to(), 1, Integer::sum)).isLessThanOrEqualTo(limit);
            }
            all.addAll(batch);
        }
        assertThat(all).containsExactlyInAnyOrderElementsOf(plan.moves());
    }

    @Example
    void between_addingANode_movesItsShareAndNoMore() {
        HashShardMap<String> map = ShardMap.of("a", "b", "c");
        MigrationPlan<String> plan = MigrationPlan.between(map, map.with(Node.of("d")));
        assertThat(plan.moves()).hasSize(3).allSatisfy(move -> {
            assertThat(move.to().id()).isEqualTo("d");
            assertThat(move.fraction()).isCloseTo(1 / 12.0, within(1e-4));
        });
        assertThat(plan.movedFraction()).isEqualTo(0.25).isEqualTo(plan.leastFraction());
        List<String> keys = List.of("k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8");
        assertThat(plan.movedOf(keys))
                .isEqualTo(keys.stream()
                        .filter(key -> plan.to().locate(key).id().equals("d"))
                        .toList());
        assertThat(plan.copies()).isEqualTo(1);
        assertThat(plan.from()).isSameAs(map);
        assertThat(plan).hasToString("MigrationPlan[epochs=1 to 2, copies=1, moves=3, moved=0.25, least=0.25]");
    }

    @Example
    void between_fromOneNodeToAnother_movesEverything() {
        HashShardMap<String> map = ShardMap.of("a");
        MigrationPlan<String> plan = MigrationPlan.between(map, map.withNodes(List.of(Node.of("b"))));
        assertThat(plan.moves()).containsExactly(new Move(0, -1, Node.of("a"), Node.of("b"), 0));
        assertThat(plan.movedFraction()).isEqualTo(1);
        assertThat(MigrationPlan.between(map, map).moves()).isEmpty();
    }

    @Example
    void arguments_thatAreBad_areRefused() {
        HashShardMap<Long> map =
                ShardMap.builder(KeyHasher.longs()).node(Node.of("a")).build();
        HashShardMap<Long> other = ShardMap.builder(IDENTITY).node(Node.of("a")).build();
        HashShardMap<Long> hidden = ShardMap.builder(KeyHasher.longs())
                .placement(Placement.rendezvous())
                .node(Node.of("a"))
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MigrationPlan.between(map, other))
                .withMessage("hashers must be the same: from=rapidhash3/long, to=identity (expected: equal ids)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MigrationPlan.between(map, hidden))
                .withMessage("placement must have ranges that can be listed: placement=rendezvous"
                        + " (expected: slots, ring or maglev)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MigrationPlan.between(map, map, 2))
                .withMessage(
                        "copies must be in range: copies=2 (expected: 1 to 1, the number of nodes of the smaller map)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MigrationPlan.between(map, map).batches(0))
                .withMessage("movesPerNode must be positive: movesPerNode=0 (expected: 1 or more)");
    }
}
