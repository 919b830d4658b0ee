// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.EndpointSource;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.LoadBalancerBuilder;
import io.github.pentalith.loadbalance.Outcome;
import io.github.pentalith.loadbalance.OutlierDetection;
import io.github.pentalith.loadbalance.Policy;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** The real balancer as a {@link Chooser}, on the time and the chance of the simulation. */
class Balanced implements Chooser {
    private final LoadBalancer<Integer> balancer;
    private final LoadBalancer.Tokens<Integer> tokens;

    /**
     * @param view the client's view
     * @param weighted whether the balancer is told the speeds as weights
     * @param settings what else to set
     */
    Balanced(View view, boolean weighted, UnaryOperator<LoadBalancerBuilder<Integer>> settings) {
        Endpoint[] endpoints = new Endpoint[view.servers().size()];
        for (int i = 0; i < endpoints.length; i++) {
            Endpoint endpoint = Endpoint.of(Integer.toString(i), "127.0.0.1", 1 + i);
            endpoints[i] = weighted ? endpoint.weight(view.weights()[i]) : endpoint;
        }
        LoadBalancerBuilder<Integer> builder = LoadBalancer.builder("simulated", EndpointSource.of(endpoints))
                .attach(endpoint -> Integer.valueOf(endpoint.id()), index -> {});
        balancer = settings.apply(builder.ticker(view.world().time())
                        .scheduler(view.world().time())
                        .executor(view.world().time())
                        .random(view.random()))
                .build();
        tokens = balancer.tokens();
    }

    static Contender of(String name, Policy policy) {
        return new Contender(name, true, view -> new Balanced(view, false, builder -> builder.policy(policy)));
    }

    static Contender weighted(String name, Policy policy) {
        return new Contender(name, true, view -> new Balanced(view, true, builder -> builder.policy(policy)));
    }

    /** Ejects after five failures in a row, as {@code OutlierDetection.defaults()} does, for 30 s and longer. */
    static Contender ejecting(String name, Policy policy) {
        return new Contender(
                name,
                true,
                view -> new Balanced(
                        view, false, builder -> builder.policy(policy).outlierDetection(OutlierDetection.defaults())));
    }

    /** The same, and counts the calls that an endpoint gets while it is ejected. */
    static Contender watched(Policy policy, AtomicLong ejections, AtomicLong toTheEjected) {
        return new Contender("", true, view -> {
            Set<Integer> ejected = new HashSet<>();
            LoadBalancer.Observer observer = new LoadBalancer.Observer() {
                @Override
                public void onState(String balancer, String endpoint, LoadBalancer.State state, String why) {
                    if (state == LoadBalancer.State.EJECTED) {
                        ejected.add(Integer.valueOf(endpoint));
                        ejections.incrementAndGet();
                    } else {
                        ejected.remove(Integer.valueOf(endpoint));
                    }
                }
            };
            return new Balanced(
                    view,
                    false,
                    builder -> builder.policy(policy)
                            .outlierDetection(OutlierDetection.defaults())
                            .observer(observer)) {
                @Override
                public long pick() {
                    long token = super.pick();
                    toTheEjected.addAndGet(ejected.contains(server(token)) ? 1 : 0);
                    return token;
                }
            };
        });
    }

    @Override
    public long pick() {
        return tokens.acquire();
    }

    @Override
    public int server(long token) {
        return tokens.target(token);
    }

    @Override
    public void done(long token, Outcome outcome) {
        if (!tokens.complete(token, outcome)) {
            throw new AssertionError("a lease was taken back while its call was open");
        }
    }

    @Override
    public void close() {
        balancer.close();
    }
}
