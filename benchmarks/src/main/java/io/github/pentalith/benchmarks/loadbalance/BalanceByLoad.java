// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.loadbalance;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.EndpointSource;
import io.github.pentalith.loadbalance.Lease;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.Outcome;
import io.github.pentalith.loadbalance.Policy;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A call begun and ended at the less busy one of two out of 100. The floor is what one writes by hand: an atomic count of
 * calls in flight per endpoint, without leases, outcomes or a fleet that changes.
 */
@State(Scope.Benchmark)
@Question(
        library = "loadbalance",
        id = "balance-by-load",
        title = "Beginning and ending a call at the less busy of two",
        floor = "least-of-two-by-hand")
public class BalanceByLoad {
    @Param({"pentalith-tokens", "pentalith-lease", "pentalith-peak-ewma", "least-of-two-by-hand"})
    public String subject;

    @Param("100")
    public int endpoints;

    private Supplier<Object> caller;

    @Setup
    public void setUp() {
        caller = switch (subject) {
            case "pentalith-tokens" -> tokens(Policy.leastRequest());
            case "pentalith-lease" -> {
                LoadBalancer<Endpoint> balancer = balancer(Policy.leastRequest());
                yield () -> {
                    Lease<Endpoint> lease = balancer.acquire();
                    Object target = lease.target();
                    lease.success();
                    return target;
                };
            }
            case "pentalith-peak-ewma" -> tokens(Policy.peakEwma());
            case "least-of-two-by-hand" -> byHand();
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private LoadBalancer<Endpoint> balancer(Policy policy) {
        return LoadBalancer.builder("bench", EndpointSource.of(PickEndpoint.endpoints(endpoints)))
                .policy(policy)
                .build();
    }

    private Supplier<Object> tokens(Policy policy) {
        LoadBalancer.Tokens<Endpoint> tokens = balancer(policy).tokens();
        return () -> {
            long token = tokens.acquire();
            Object target = tokens.target(token);
            tokens.complete(token, Outcome.SUCCESS);
            return target;
        };
    }

    private Supplier<Object> byHand() {
        Endpoint[] all = PickEndpoint.endpoints(endpoints);
        AtomicInteger[] inFlight = new AtomicInteger[all.length];
        for (int i = 0; i < inFlight.length; i++) {
            inFlight[i] = new AtomicInteger();
        }
        return () -> {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            int a = random.nextInt(all.length);
            int b = random.nextInt(all.length - 1);
            b += b >= a ? 1 : 0;
            int chosen = inFlight[b].get() < inFlight[a].get() ? b : a;
            inFlight[chosen].incrementAndGet();
            Object target = all[chosen];
            inFlight[chosen].decrementAndGet();
            return target;
        };
    }

    @Benchmark
    public Object call() {
        return caller.get();
    }
}
