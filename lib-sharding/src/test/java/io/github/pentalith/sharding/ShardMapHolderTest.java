// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ShardMapHolderTest {
    private static HashShardMap<String> map(long epoch, String... ids) {
        return ShardMap.builder(KeyHasher.strings())
                .placement(Placement.slots(16))
                .nodes(List.of(ids).stream().map(Node::of).toList())
                .epoch(epoch)
                .build();
    }

    @Test
    void publish_aGreaterEpoch_makesItCurrent() {
        HashShardMap<String> first = map(3, "a");
        ShardMapHolder<HashShardMap<String>> holder = ShardMapHolder.of("links", first);
        assertThat(holder.current()).isSameAs(first);
        HashShardMap<String> next = map(9, "a", "b");
        assertThat(holder.publish(next)).isTrue();
        assertThat(holder.current()).isSameAs(next);
        assertThat(holder.stats()).isEqualTo(new ShardMapHolder.Stats("links", 9, 2, 1, 0));
        assertThat(holder.name()).isEqualTo("links");
        assertThat(holder).hasToString("ShardMapHolder[links, " + next + "]");
    }

    @Test
    void publish_anEqualOrLesserEpoch_isRefusedAndCounted() {
        HashShardMap<String> first = map(3, "a");
        ShardMapHolder<HashShardMap<String>> holder = ShardMapHolder.of("links", first);
        assertThat(holder.publish(map(3, "a", "b"))).isFalse();
        assertThat(holder.publish(map(2, "a", "b"))).isFalse();
        assertThat(holder.publish(first)).isFalse();
        assertThat(holder.current()).isSameAs(first);
        assertThat(holder.stats()).isEqualTo(new ShardMapHolder.Stats("links", 3, 1, 0, 3));
    }

    @Test
    void update_aChange_publishesItsResult() {
        ShardMapHolder<HashShardMap<String>> holder = ShardMapHolder.of("links", map(1, "a"));
        HashShardMap<String> updated = holder.update(map -> map.with(Node.of("b")));
        assertThat(updated).isSameAs(holder.current());
        assertThat(updated.epoch()).isEqualTo(2);
        assertThat(holder.update(map -> map.with(Node.of("b")))).isSameAs(updated);
        assertThat(holder.stats().published()).isEqualTo(1);
    }

    @Test
    void update_toAnOldEpoch_isRefused() {
        ShardMapHolder<HashShardMap<String>> holder = ShardMapHolder.of("links", map(5, "a"));
        assertThatIllegalStateException()
                .isThrownBy(() -> holder.update(map -> map(5, "x")))
                .withMessage("changed map must have a greater epoch: epoch=5 (expected: more than 5)");
        assertThat(holder.current().nodes()).extracting(Node::id).containsExactly("a");
    }

    @Test
    void arguments_thatAreBad_areRefused() {
        ShardMapHolder<HashShardMap<String>> holder = ShardMapHolder.of("links", map(1, "a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShardMapHolder.of("", map(1, "a")))
                .withMessageStartingWith("name must be neither empty nor too long");
        assertThatNullPointerException()
                .isThrownBy(() -> ShardMapHolder.of("x", null))
                .withMessage("first");
        assertThatNullPointerException().isThrownBy(() -> holder.publish(null)).withMessage("next");
        assertThatNullPointerException().isThrownBy(() -> holder.update(null)).withMessage("change");
        assertThatNullPointerException()
                .isThrownBy(() -> holder.update(map -> null))
                .withMessage("changed map");
    }

    /** Writers race by both ways; every update must survive, and no reader sees an epoch go back or a mixed map. */
    @Test
    void update_fromManyThreads_losesNothingAndOnlyGrows() throws Exception {
        int writers = 3;
        int each = 60;
        ShardMapHolder<HashShardMap<String>> holder = ShardMapHolder.of("links", map(1, "first"));
        ExecutorService threads = Executors.newFixedThreadPool(writers + 2);
        try {
            CountDownLatch start = new CountDownLatch(1);
            CountDownLatch written = new CountDownLatch(writers);
            List<Future<?>> all = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                int number = writer;
                all.add(threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < each; i++) {
                        // One node comes, then another generation of the same replaces it: its weight counts.
                        Node node = Node.of("w" + number).weight(i + 1);
                        holder.update(map -> map.with(node));
                        holder.publish(map(1, "old"));
                    }
                    written.countDown();
                    return null;
                }));
            }
            for (int reader = 0; reader < 2; reader++) {
                all.add(threads.submit(() -> {
                    start.await();
                    long seen = 0;
                    while (written.getCount() > 0) {
                        HashShardMap<String> now = holder.current();
                        assertThat(now.epoch()).isGreaterThanOrEqualTo(seen);
                        seen = now.epoch();
                        long changes = now.nodes().stream()
                                .filter(node -> node.id().startsWith("w"))
                                .mapToLong(Node::weight)
                                .sum();
                        assertThat(changes).isEqualTo(now.epoch() - 1);
                        assertThat(now.nodes()).contains(now.locate("k" + seen));
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(holder.stats())
                .isEqualTo(new ShardMapHolder.Stats(
                        "links", 1 + writers * each, 1 + writers, writers * each, writers * each));
    }
}
