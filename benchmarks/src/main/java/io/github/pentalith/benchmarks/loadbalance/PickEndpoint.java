// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.loadbalance;

import com.linecorp.armeria.client.endpoint.EndpointGroup;
import com.linecorp.armeria.client.endpoint.EndpointSelectionStrategy;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.EndpointHolder;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.Outcome;
import io.github.pentalith.loadbalance.Policy;
import io.grpc.LoadBalancer.SubchannelPicker;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Picking an endpoint out of 100. Ours also counts the call as begun and as done, which none of the peers here does: they
 * only name an endpoint. The floor is the rotation that everybody writes first.
 */
@State(Scope.Benchmark)
@Question(library = "loadbalance", id = "pick", title = "Picking an endpoint", floor = "atomic-rotation")
public class PickEndpoint {
    @Param({
        "pentalith-rotation",
        "pentalith-least-request",
        "pentalith-call",
        "atomic-rotation",
        "armeria-rotation",
        "armeria-weighted",
        "grpc-rotation"
    })
    public String subject;

    @Param("100")
    public int endpoints;

    private Supplier<Object> picker;

    @Setup
    public void setUp() {
        picker = picker(subject, endpoints);
    }

    public static Supplier<Object> picker(String subject, int endpoints) {
        return switch (subject) {
            case "pentalith-rotation" -> tokens(Policy.roundRobin(), endpoints);
            case "pentalith-least-request" -> tokens(Policy.leastRequest(), endpoints);
            case "pentalith-call" -> {
                LoadBalancer<Endpoint> balancer = balancer(Policy.leastRequest(), endpoints);
                yield () -> balancer.call(lease -> lease.target());
            }
            case "atomic-rotation" -> {
                Endpoint[] all = endpoints(endpoints);
                AtomicInteger next = new AtomicInteger();
                yield () -> all[Math.floorMod(next.getAndIncrement(), all.length)];
            }
            case "armeria-rotation" -> armeria(EndpointSelectionStrategy.roundRobin(), endpoints);
            case "armeria-weighted" -> armeria(EndpointSelectionStrategy.weightedRoundRobin(), endpoints);
            case "grpc-rotation" -> {
                SubchannelPicker picked = GrpcRoundRobin.picker(endpoints);
                yield () -> picked.pickSubchannel(null);
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    static Endpoint[] endpoints(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Endpoint.of("10.0.0." + i, 8080))
                .toArray(Endpoint[]::new);
    }

    private static LoadBalancer<Endpoint> balancer(Policy policy, int endpoints) {
        return LoadBalancer.builder("bench", EndpointHolder.of("bench", endpoints(endpoints)))
                .policy(policy)
                .build();
    }

    private static Supplier<Object> tokens(Policy policy, int endpoints) {
        LoadBalancer.Tokens<Endpoint> tokens = balancer(policy, endpoints).tokens();
        return () -> {
            long token = tokens.acquire();
            Object target = tokens.target(token);
            tokens.complete(token, Outcome.SUCCESS);
            return target;
        };
    }

    private static Supplier<Object> armeria(EndpointSelectionStrategy strategy, int endpoints) {
        var all = IntStream.range(0, endpoints)
                .mapToObj(i -> com.linecorp.armeria.client.Endpoint.of("10.0.0." + i, 8080))
                .toList();
        EndpointGroup group = EndpointGroup.of(strategy, all);
        return () -> group.selectNow(null); // these strategies do not look at the context
    }

    @Benchmark
    public Object pick() {
        return picker.get();
    }
}
