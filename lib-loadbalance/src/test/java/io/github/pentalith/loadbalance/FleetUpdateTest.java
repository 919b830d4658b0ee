// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What changes of a fleet of 10,000 cost, in CPU time of the thread that makes them: the least of several tries. */
class FleetUpdateTest {
    private static final int FLEET = 10_000;
    private static final int TRIES = 15;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static double cpuMillis(Runnable work) {
        long begin = THREADS.getCurrentThreadCpuTime();
        work.run();
        return (THREADS.getCurrentThreadCpuTime() - begin) / 1e6;
    }

    @Test
    void update_snapshotOfTenThousand_costsMillisecondsOnly() {
        List<Endpoint> even = new ArrayList<>(Arrays.asList(Fleets.equal(FLEET)));
        List<Endpoint> odd = even.stream().map(endpoint -> endpoint.weight(2)).toList();
        EndpointHolder holder = EndpointHolder.of("big", even.toArray(new Endpoint[0]));
        double least = Double.MAX_VALUE;
        try (LoadBalancer<Endpoint> balancer =
                LoadBalancer.builder("big", holder).policy(Policy.weighted()).build()) {
            for (int i = 0; i < TRIES; i++) {
                EndpointSet next = holder.current().withAll(i % 2 == 0 ? odd : even);
                least = Math.min(least, cpuMillis(() -> holder.publish(next)));
            }
            assertThat(balancer.stats().endpoints()).hasSize(FLEET);
        }
        System.out.printf("a snapshot of 10,000 endpoints: %.1f ms of CPU%n", least);
        assertThat(least).isLessThanOrEqualTo(15);
    }
}
