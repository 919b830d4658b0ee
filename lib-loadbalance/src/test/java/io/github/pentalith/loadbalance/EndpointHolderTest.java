// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EndpointHolderTest {
    private final Endpoint a = Endpoint.of("a", "h", 1);
    private final Endpoint b = Endpoint.of("b", "h", 2);
    private final EndpointHolder holder = EndpointHolder.of("nodes", a);
    private final Recorder recorder = new Recorder();

    private static final class Recorder implements EndpointSource.Listener {
        final List<EndpointSet> sets = new ArrayList<>();
        final List<String> flips = new ArrayList<>();

        @Override
        public void onEndpoints(EndpointSet set) {
            sets.add(set);
        }

        @Override
        public void onHealth(String id, boolean healthy) {
            flips.add(id + "=" + healthy);
        }
    }

    @Test
    void subscribe_atOnce_deliversTheCurrentSetAndHealth() {
        holder.health("a", false);

        Subscription unused = holder.subscribe(recorder);

        assertThat(recorder.sets).containsExactly(EndpointSet.of(a));
        assertThat(recorder.flips).containsExactly("a=false");
    }

    @Test
    void update_toAnotherSet_deliversIt() {
        Subscription unused = holder.subscribe(recorder);

        EndpointSet after = holder.update(set -> set.with(b));

        assertThat(after).isEqualTo(holder.current());
        assertThat(recorder.sets).extracting(EndpointSet::epoch).containsExactly(1L, 2L);
    }

    @Test
    void update_withoutChange_deliversNothing() {
        Subscription unused = holder.subscribe(recorder);

        assertThat(holder.update(set -> set.with(a))).isSameAs(holder.current());

        assertThat(recorder.sets).hasSize(1);
    }

    @Test
    void update_toAnOlderEpoch_isRefused() {
        assertThatThrownBy(() -> holder.update(set -> EndpointSet.of(b)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("epoch must grow: epoch=1 (expected: more than 1)");
    }

    @Test
    void publish_onlyNewerSets_areTaken() {
        assertThat(holder.publish(EndpointSet.of(1, List.of(b)))).isFalse();
        assertThat(holder.publish(EndpointSet.of(9, List.of(b)))).isTrue();
        assertThat(holder.current().endpoints()).containsExactly(b);
    }

    @Test
    void health_ofAnEndpointThatLeftAndCameBack_isForgotten() {
        holder.health("a", false);
        holder.update(set -> set.without("a"));
        holder.update(set -> set.with(a));

        Subscription unused = holder.subscribe(recorder);

        assertThat(recorder.flips).isEmpty();
    }

    @Test
    void health_unknownOrUnchanged_tellsNobody() {
        Subscription unused = holder.subscribe(recorder);

        holder.health("nobody", false);
        holder.health("a", true);
        holder.health("a", false);
        holder.health("a", false);
        holder.health("a", true);

        assertThat(recorder.flips).containsExactly("a=false", "a=true");
    }

    @Test
    void close_ofTheSubscription_endsDeliveries() {
        holder.subscribe(recorder).close();

        holder.update(set -> set.with(b));
        holder.health("a", false);

        assertThat(recorder.sets).hasSize(1);
        assertThat(recorder.flips).isEmpty();
    }

    @Test
    void update_fromInsideAListener_arrivesAfterwards() {
        List<Long> epochs = new ArrayList<>();
        Subscription unused = holder.subscribe(set -> {
            epochs.add(set.epoch());
            if (set.epoch() < 5) {
                holder.update(same -> same.with(Endpoint.of("n" + same.epoch(), "h", 1)));
            }
        });

        assertThat(epochs).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void update_aListenerThrows_isStillMadeAndLaterOnesAreDelivered() {
        List<Long> epochs = new ArrayList<>();
        Subscription unused = holder.subscribe(set -> {
            epochs.add(set.epoch());
            if (set.epoch() == 2) {
                throw new IllegalStateException("no");
            }
        });

        assertThatThrownBy(() -> holder.update(set -> set.with(b))).hasMessage("no");
        holder.update(set -> set.without("b"));

        assertThat(epochs).containsExactly(1L, 2L, 3L);
    }

    @Test
    void update_byManyThreads_epochsGrowAndTheLastOneArrives() throws Exception {
        List<Long> epochs = new ArrayList<>(); // written by one delivering thread at a time
        Subscription unused = holder.subscribe(set -> epochs.add(set.epoch()));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        CountDownLatch done = new CountDownLatch(4);
        for (int t = 0; t < 4; t++) {
            int id = t;
            threads.execute(() -> {
                for (int i = 0; i < 1_000; i++) {
                    int weight = i % 7 + 1;
                    holder.update(set -> set.with(Endpoint.of("t" + id, "h", 1).weight(weight)));
                }
                done.countDown();
            });
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();

        assertThat(epochs).isSorted().doesNotHaveDuplicates();
        assertThat(epochs.get(epochs.size() - 1)).isEqualTo(holder.current().epoch());
    }

    @Test
    void text_ofAHolder_showsNameAndSet() {
        assertThat(holder).hasToString("EndpointHolder[nodes, EndpointSet[epoch=1, a]]");
        assertThat(holder.name()).isEqualTo("nodes");
    }
}
