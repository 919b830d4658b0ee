// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    private static List<String> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("pentalith-loadbalance-"))
                .sorted()
                .toList();
    }

    @Test
    void threads_ofABalancer_areDaemonsWithOurName() {
        await().atMost(Duration.ofSeconds(60)).until(() -> ours().isEmpty());
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", EndpointSource.of(Fleets.equal(2)))
                .healthProbe(HealthProbe.tcp().interval(Duration.ofHours(1)))
                .build()) {
            balancer.acquire().close();
            assertThat(ours()).containsExactly("pentalith-loadbalance-probe", "pentalith-loadbalance-timer");
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("pentalith-loadbalance-"))
                    .allMatch(Thread::isDaemon);
        }
    }

    @Test
    void close_aThousandBalancers_leavesNoThread() {
        for (int i = 0; i < 1_000; i++) {
            LoadBalancerBuilder<Endpoint> builder = LoadBalancer.builder("nodes", EndpointSource.of(Fleets.equal(3)));
            if (i % 10 == 0) {
                builder = builder.healthProbe(HealthProbe.tcp().port(9).interval(Duration.ofMillis(1)));
            }
            LoadBalancer<Endpoint> balancer = builder.build();
            balancer.acquire().success();
            balancer.close();
            balancer.close();
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> ours().isEmpty());
    }
}
