// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.loadbalance.scaling.ScalingDecision.Limit;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Behavior;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Metric;
import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScalingControllerTest {
    private final VirtualTime time = VirtualTime.create();
    private final Fleet fleet = new Fleet();
    private final List<ScalingDecision> decisions = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private double requests = 200;
    private boolean readable = true;
    private @Nullable ScalingController controller;

    /** Servers that are there when the test says so. */
    private static final class Fleet implements ScalingController.Actuator {
        int servers = 2;
        boolean countable = true;
        boolean startable = true;
        final List<Integer> asked = new ArrayList<>();
        final List<CompletableFuture<Void>> actions = new ArrayList<>();

        @Override
        public int servers() throws IOException {
            if (!countable) {
                throw new IOException("not today");
            }
            return servers;
        }

        @Override
        public CompletionStage<?> scaleTo(int target) throws IOException {
            asked.add(target);
            if (!startable) {
                throw new IOException("no machine");
            }
            CompletableFuture<Void> action = new CompletableFuture<>();
            actions.add(action);
            return action;
        }

        void done() {
            servers = asked.get(asked.size() - 1);
            actions.get(actions.size() - 1).complete(null);
        }
    }

    private ScalingController start(Duration upCoolDown, Duration downCoolDown) {
        ScalingSpec spec = ScalingSpec.of(2, 10, Metric.total("requests", 100))
                .down(Behavior.down().window(Duration.ofSeconds(30)));
        controller = ScalingController.builder("nodes", spec, fleet)
                .metrics(() -> {
                    if (!readable) {
                        throw new IllegalStateException("no metrics");
                    }
                    return List.of(MetricSample.of("requests", requests, fleet.servers));
                })
                .interval(Duration.ofSeconds(10))
                .coolDown(upCoolDown, downCoolDown)
                .executor(Runnable::run)
                .scheduler(time)
                .ticker(time)
                .clock(time)
                .observer(new ScalingController.Observer() {
                    @Override
                    public void onDecision(String name, ScalingDecision decision) {
                        decisions.add(decision);
                        throw new IllegalStateException("contained");
                    }

                    @Override
                    public void onFailure(String name, String what, Throwable error) {
                        failures.add(what);
                        throw new IllegalStateException("contained");
                    }
                })
                .build();
        return controller;
    }

    @AfterEach
    void close() {
        if (controller != null) {
            controller.close();
        }
    }

    private void tick() {
        time.advance(Duration.ofSeconds(10));
    }

    private ScalingDecision last() {
        return decisions.get(decisions.size() - 1);
    }

    @Test
    void controller_underLoad_scalesUp_andDownAfterTheWindow() {
        ScalingController scaler = start(Duration.ZERO, Duration.ZERO);
        tick();
        assertThat(fleet.asked).isEmpty();
        requests = 450;
        tick();
        assertThat(fleet.asked).containsExactly(5);
        fleet.done();
        assertThat(scaler.stats().servers()).isEqualTo(5);
        requests = 210;
        tick();
        tick();
        assertThat(last().limit()).isEqualTo(Limit.STABILIZATION);
        tick();
        assertThat(fleet.asked).containsExactly(5, 3);
        fleet.done();
        ScalingController.Stats stats = scaler.stats();
        assertThat(stats.scaledUp()).isEqualTo(1);
        assertThat(stats.scaledDown()).isEqualTo(1);
        assertThat(stats.evaluations()).isEqualTo(5);
        assertThat(stats.failures()).isZero();
        assertThat(stats.last()).isEqualTo(last());
        assertThat(scaler.name()).isEqualTo("nodes");
        assertThat(scaler).asString().contains("nodes", "servers=3");
    }

    @Test
    void controller_whileAnActionIsInFlight_beginsNoOther() {
        ScalingController scaler = start(Duration.ZERO, Duration.ZERO);
        requests = 400;
        tick();
        requests = 900;
        tick();
        tick();
        assertThat(fleet.asked).containsExactly(4);
        assertThat(last().limit()).isEqualTo(Limit.IN_FLIGHT);
        assertThat(scaler.stats().inFlight()).isTrue();
        assertThat(scaler.stats().desired()).isEqualTo(4);
        fleet.done();
        tick();
        assertThat(fleet.asked).containsExactly(4, 6); // 9 are wanted, but 15 s ago there were 2: 4 more at most
    }

    @Test
    void controller_inItsCoolDown_beginsNoAction_butComesBackToTheBounds() {
        ScalingController scaler = start(Duration.ofSeconds(45), Duration.ZERO);
        requests = 400;
        tick();
        fleet.done();
        requests = 900;
        tick();
        assertThat(last().limit()).isEqualTo(Limit.COOL_DOWN);
        assertThat(scaler.stats().coolingDown()).isTrue();
        tick();
        fleet.servers = 1; // three have crashed
        tick();
        assertThat(fleet.asked).containsExactly(4, 2);
        fleet.done();
        for (int i = 0; i < 4; i++) {
            tick();
        }
        assertThat(fleet.asked).hasSize(2);
        tick();
        assertThat(fleet.asked).hasSize(3);
    }

    @Test
    void controller_whenAnActionFails_keepsItsState_andTriesAgain() {
        ScalingController scaler = start(Duration.ofMinutes(5), Duration.ZERO);
        requests = 400;
        fleet.startable = false;
        tick();
        assertThat(failures).containsExactly("scaling to 4 failed");
        fleet.startable = true;
        tick();
        fleet.actions.get(0).completeExceptionally(new IOException("lost"));
        tick();
        assertThat(fleet.asked).containsExactly(4, 4, 4);
        assertThat(scaler.stats().coolingDown()).isFalse();
        assertThat(scaler.stats().failures()).isEqualTo(2);
        assertThat(scaler.stats().scaledUp()).isZero();
    }

    @Test
    void controller_withoutMetricsOrCount_changesNothing() {
        ScalingController scaler = start(Duration.ZERO, Duration.ZERO);
        requests = 900;
        readable = false;
        tick();
        assertThat(last().limit()).isEqualTo(Limit.MISSING_METRICS);
        readable = true;
        fleet.countable = false;
        tick();
        fleet.countable = true;
        fleet.servers = -1; // nonsense
        tick();
        assertThat(fleet.asked).isEmpty();
        assertThat(failures)
                .containsExactly(
                        "reading the metrics failed",
                        "counting the servers failed",
                        "reading the metrics failed",
                        "deciding failed");
        fleet.servers = 2;
        tick();
        assertThat(fleet.asked).containsExactly(6);
        assertThat(scaler.stats().evaluations()).isEqualTo(2);
    }

    @Test
    void close_endsDecisions_andAnActionInFlightEndsInPeace() {
        ScalingController scaler = start(Duration.ZERO, Duration.ZERO);
        requests = 400;
        tick();
        scaler.close();
        fleet.done();
        requests = 900;
        tick();
        assertThat(fleet.asked).containsExactly(4);
        assertThat(scaler.stats().scaledUp()).isEqualTo(1);
    }

    @Test
    void controller_onItsOwnThread_scalesAndEndsTheThread() {
        requests = 400;
        ScalingSpec spec = ScalingSpec.of(2, 10, Metric.total("requests", 100));
        CompletableFuture<Integer> asked = new CompletableFuture<>();
        ScalingController scaler = ScalingController.builder("own", spec, new ScalingController.Actuator() {
                    @Override
                    public int servers() {
                        return 2;
                    }

                    @Override
                    public CompletionStage<?> scaleTo(int servers) {
                        asked.complete(servers);
                        return new CompletableFuture<>();
                    }
                })
                .metrics(() -> List.of(MetricSample.of("requests", 400, 2)))
                .interval(Duration.ofMillis(5))
                .build();
        assertThat(asked.join()).isEqualTo(4);
        scaler.close();
        scaler.close();
        Awaitility.await()
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .noneMatch(thread -> thread.getName().equals("pentalith-loadbalance-scaling")));
    }

    @Test
    void controller_whoseExecutorRefuses_countsIt() {
        ScalingSpec spec = ScalingSpec.of(2, 10, Metric.total("requests", 100));
        try (ScalingController scaler = ScalingController.builder("full", spec, fleet)
                .metrics(List::of)
                .scheduler(time)
                .ticker(time)
                .executor(work -> {
                    throw new RejectedExecutionException("full");
                })
                .build()) {
            time.advance(Duration.ofSeconds(31));
            assertThat(scaler.stats().failures()).isEqualTo(2);
            assertThat(scaler.stats().last()).isNull();
        }
    }

    @Test
    void builder_withWrongArguments_refusesByName() {
        ScalingController.Builder builder =
                ScalingController.builder("nodes", ScalingSpec.of(1, 2, Metric.value("a", 1)), fleet);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("metrics must be set");
        assertThatThrownBy(() -> builder.interval(Duration.ZERO)).hasMessageStartingWith("interval must be positive");
        assertThatThrownBy(() -> builder.coolDown(Duration.ZERO, Duration.ofSeconds(-1)))
                .hasMessageStartingWith("coolDown must not be negative");
    }
}
