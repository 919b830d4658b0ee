// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import io.github.pentalith.sharding.ShardMap;
import io.github.pentalith.sharding.migrate.Resharding.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

class ReshardingProperties {
    private static final HashShardMap<Long> OLD = ShardMap.builder(KeyHasher.longs())
            .placement(Placement.slots(16))
            .nodes(List.of(Node.of("a"), Node.of("b"), Node.of("c")))
            .build();
    private static final HashShardMap<Long> NEW =
            OLD.without("b").with(Node.of("d")).with(Node.of("e").weight(2));

    /**
     * Three routers and one coordinator, each with its own copy of the state, interleaved at random step by step, with
     * crashes of the coordinator and steps back. A read that begins after a write was acknowledged must see it or a later
     * one, at all times; at the end every acknowledged write is where the map that won says.
     */
    private static final class Model {
        private static final int ROUTERS = 3;
        private static final long KEYS = 12;

        private final Random random;
        private final Map<String, Map<Long, Long>> stores = new HashMap<>();
        private final long[] acknowledged = new long[(int) KEYS];
        private final List<Router> routers = new ArrayList<>();
        private Resharding<Long> coordinator = Resharding.of("model", OLD, NEW);
        private @Nullable Copy copy;
        private long version;

        Model(long seed) {
            random = new Random(seed);
            for (int i = 0; i < ROUTERS; i++) {
                routers.add(new Router());
            }
        }

        private void put(Node node, long key, long value) {
            stores.computeIfAbsent(node.id(), id -> new HashMap<>()).merge(key, value, Math::max);
        }

        private long get(Node node, long key) {
            return stores.getOrDefault(node.id(), Map.of()).getOrDefault(key, 0L);
        }

        /** A write in flight, between its first and its second place. */
        private record Write(long key, long value, @Nullable Node mirror) {}

        /** A read in flight: where it goes was decided, what was acknowledged before must be seen. */
        private record Read(long key, Node node, long atLeast) {}

        private record Copy(Node to, long key, long value) {}

        private final class Router {
            private Resharding<Long> view = Resharding.of("model", OLD, NEW);
            private final List<Write> writes = new ArrayList<>();
            private final List<Read> reads = new ArrayList<>();

            void step() {
                long key = random.nextInt((int) KEYS);
                switch (random.nextInt(5)) {
                    case 0 -> {
                        long value = ++version;
                        Node first = view.writes(key);
                        Node mirror = view.mirrors(key);
                        put(first, key, value);
                        writes.add(new Write(key, value, mirror));
                    }
                    case 1 -> finishWrite();
                    case 2 -> reads.add(new Read(key, view.reads(key), acknowledged[(int) key]));
                    case 3 -> finishRead();
                    default -> follow();
                }
            }

            private void finishWrite() {
                if (!writes.isEmpty()) {
                    Write write = writes.remove(random.nextInt(writes.size()));
                    if (write.mirror() != null) {
                        put(write.mirror(), write.key(), write.value());
                    }
                    acknowledged[(int) write.key()] = Math.max(acknowledged[(int) write.key()], write.value());
                }
            }

            private void finishRead() {
                if (!reads.isEmpty()) {
                    Read read = reads.remove(random.nextInt(reads.size()));
                    assertThat(get(read.node(), read.key()))
                            .as("read of %s in %s", read, view.state())
                            .isGreaterThanOrEqualTo(read.atLeast());
                }
            }

            /** Takes over the coordinator's state after finishing what was begun under the old one. */
            private void follow() {
                if (view.state() != coordinator.state()) {
                    while (!writes.isEmpty()) {
                        finishWrite();
                    }
                    while (!reads.isEmpty()) {
                        finishRead();
                    }
                    view = Resharding.resume("model", OLD, NEW, coordinator.checkpoint());
                }
            }
        }

        private void coordinate() {
            if (random.nextInt(20) == 0) {
                coordinator = Resharding.resume("model", OLD, NEW, coordinator.checkpoint());
                copy = null;
            }
            boolean together = routers.stream().allMatch(router -> router.view.state() == coordinator.state());
            if (together && random.nextInt(40) == 0) {
                coordinator.retreat();
            } else if (together && !coordinator.missing().isEmpty()) {
                Move move = coordinator
                        .missing()
                        .get(random.nextInt(coordinator.missing().size()));
                if (coordinator.state() == State.BACKFILL) {
                    backfill(move);
                } else {
                    coordinator.verified(move);
                }
            } else if (together && random.nextInt(4) == 0) {
                coordinator.advance();
            }
        }

        /** Copies a range key by key; between reading and writing a value anything may happen. */
        private void backfill(Move move) {
            for (long key = 0; key < KEYS; key++) {
                if (move.contains(KeyHasher.hashLong(key))) {
                    copy = new Copy(move.to(), key, get(move.from(), key));
                    routers.get(random.nextInt(ROUTERS)).step();
                    put(copy.to(), copy.key(), copy.value());
                }
            }
            coordinator.copied(move);
        }

        State run() {
            while (coordinator.state() != State.DONE && coordinator.state() != State.ROLLED_BACK) {
                if (random.nextInt(4) == 0) {
                    coordinate();
                } else {
                    routers.get(random.nextInt(ROUTERS)).step();
                }
            }
            for (Router router : routers) {
                router.follow();
            }
            HashShardMap<Long> winner = coordinator.state() == State.DONE ? NEW : OLD;
            for (long key = 0; key < KEYS; key++) {
                assertThat(get(winner.locate(key), key)).isGreaterThanOrEqualTo(acknowledged[(int) key]);
            }
            return coordinator.state();
        }
    }

    @Property(tries = 1_000)
    void routes_inAnyInterleaving_loseNoWriteAndReadNothingStale(@ForAll long seed) {
        new Model(seed).run();
    }

    /** A hundred thousand interleavings in the long form. */
    @Example
    void model_ofManySeeds_reachesBothEnds() {
        int seeds = "long".equals(System.getProperty("pentalith.tests")) ? 100_000 : 200;
        Map<State, Integer> ends = new HashMap<>();
        for (long seed = 0; seed < seeds; seed++) {
            ends.merge(new Model(seed).run(), 1, Integer::sum);
        }
        assertThat(ends.keySet()).containsExactlyInAnyOrder(State.DONE, State.ROLLED_BACK);
        assertThat(ends.values()).allMatch(count -> count > 10);
    }

    @Example
    void advance_beforeTheMovesAreDone_isRefused() {
        Resharding<Long> resharding = Resharding.of("links", OLD, NEW);
        List<Move> moves = resharding.plan().moves();
        assertThat(resharding.advance()).isEqualTo(State.DUAL_WRITE);
        assertThatIllegalStateException()
                .isThrownBy(() -> resharding.copied(moves.get(0)))
                .withMessage("state must allow the report: state=DUAL_WRITE (expected: BACKFILL)");
        assertThat(resharding.missing()).isEmpty();
        assertThat(resharding.advance()).isEqualTo(State.BACKFILL);
        assertThat(resharding.missing()).isEqualTo(moves);
        resharding.copied(moves.get(1));
        assertThatIllegalStateException()
                .isThrownBy(resharding::advance)
                .withMessage("links must finish every move before it leaves BACKFILL: missing=" + (moves.size() - 1)
                        + " of " + moves.size() + ", the first " + moves.get(0) + " (expected: 0)");
        moves.forEach(resharding::copied);
        assertThat(resharding.advance()).isEqualTo(State.VERIFY);
        assertThatIllegalStateException().isThrownBy(resharding::advance);
        moves.forEach(resharding::verified);
        assertThat(resharding.advance()).isEqualTo(State.READ_NEW);
        assertThat(resharding.advance()).isEqualTo(State.CUT_OVER);
        assertThat(resharding.advance()).isEqualTo(State.DONE);
        assertThatIllegalStateException()
                .isThrownBy(resharding::advance)
                .withMessage("links must not be over: state=DONE (expected: any but DONE and ROLLED_BACK)");
        assertThatIllegalStateException().isThrownBy(resharding::retreat);
        assertThat(resharding.name()).isEqualTo("links");
        assertThat(resharding.toString()).startsWith("Resharding[links, state=DONE, plan=MigrationPlan[");
    }

    @Example
    void resume_fromACheckpoint_keepsTheProgress() {
        Resharding<Long> resharding = Resharding.of("links", OLD, NEW);
        resharding.advance();
        resharding.advance();
        Move done = resharding.plan().moves().get(1);
        resharding.copied(done);
        Resharding<Long> resumed = Resharding.resume("links", OLD, NEW, resharding.checkpoint());
        assertThat(resumed.state()).isEqualTo(State.BACKFILL);
        assertThat(resumed.missing()).isEqualTo(resharding.missing()).doesNotContain(done);
    }

    @Example
    void resume_fromBytesThatAreNone_isRefused() {
        byte[] good = Resharding.of("links", OLD, NEW).checkpoint();
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Resharding.resume("links", OLD, NEW, cut))
                    .withMessageStartingWith("checkpoint must be whole and of version 1: bytes=" + length);
        }
        for (int i = 0; i < good.length; i++) {
            byte[] flipped = good.clone();
            flipped[i] ^= 0x10;
            assertThatIllegalArgumentException().isThrownBy(() -> Resharding.resume("links", OLD, NEW, flipped));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Resharding.resume("links", OLD, OLD.with(Node.of("x")), good))
                .withMessageStartingWith("checkpoint must belong to these maps: from=HashShardMap[epoch=1");
    }

    @Example
    void of_badArguments_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Resharding.of("links", NEW, OLD))
                .withMessage("to must have a greater epoch: to=1 (expected: more than 4)");
        Resharding<Long> resharding = Resharding.of("links", OLD, NEW);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resharding.copied(new Move(0, 1, Node.of("a"), Node.of("b"), 0)))
                .withMessageStartingWith("move must be of the plan: move=Move[first=0, last=1,");
    }
}
