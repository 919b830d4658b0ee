// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.loadbalance;

import com.linecorp.armeria.client.endpoint.EndpointGroup;
import com.linecorp.armeria.client.endpoint.EndpointSelectionStrategy;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.EndpointSource;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.Policy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Naming an endpoint, without counting a call, at several sizes; every third endpoint has weight 2. */
@State(Scope.Benchmark)
@Question(library = "loadbalance", id = "pick-only", title = "Naming an endpoint", floor = "atomic-rotation")
public class PickOnly {
    @Param({"pentalith-rotation", "pentalith-weighted", "atomic-rotation", "armeria-rotation", "armeria-weighted"})
    public String subject;

    @Param({"3", "1000", "100000"})
    public int endpoints;

    private Supplier<Object> picker;

    @Setup
    public void setUp() {
        picker = switch (subject) {
            case "pentalith-rotation" -> ours(Policy.roundRobin());
            case "pentalith-weighted" -> ours(Policy.weighted());
            case "atomic-rotation" -> {
                Endpoint[] all = endpoints();
                AtomicInteger next = new AtomicInteger();
                yield () -> all[Math.floorMod(next.getAndIncrement(), all.length)];
            }
            case "armeria-rotation" -> armeria(EndpointSelectionStrategy.roundRobin());
            case "armeria-weighted" -> armeria(EndpointSelectionStrategy.weightedRoundRobin());
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private static int weight(int i) {
        return i % 3 == 0 ? 2 : 1;
    }

    private static String host(int i) {
        return "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255);
    }

    private Endpoint[] endpoints() {
        return IntStream.range(0, endpoints)
                .mapToObj(i -> Endpoint.of(host(i), 8080).weight(weight(i)))
                .toArray(Endpoint[]::new);
    }

    private Supplier<Object> ours(Policy policy) {
        LoadBalancer<Endpoint> balancer = LoadBalancer.builder("bench", EndpointSource.of(endpoints()))
                .policy(policy)
                .build();
        return balancer::pick;
    }

    private Supplier<Object> armeria(EndpointSelectionStrategy strategy) {
        var all = IntStream.range(0, endpoints)
                .mapToObj(i ->
                        com.linecorp.armeria.client.Endpoint.of(host(i), 8080).withWeight(weight(i)))
                .toList();
        EndpointGroup group = EndpointGroup.of(strategy, all);
        return () -> group.selectNow(null); // these strategies do not look at the context
    }

    @Benchmark
    public Object pick() {
        return picker.get();
    }
}
