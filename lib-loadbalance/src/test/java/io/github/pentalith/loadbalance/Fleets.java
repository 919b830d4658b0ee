// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What many tests need. */
final class Fleets {
    private Fleets() {}

    /** Endpoints e0, e1, ... with these weights. */
    static Endpoint[] weighted(int... weights) {
        Endpoint[] endpoints = new Endpoint[weights.length];
        for (int i = 0; i < weights.length; i++) {
            endpoints[i] = endpoint(i).weight(weights[i]);
        }
        return endpoints;
    }

    static Endpoint endpoint(int i) {
        return Endpoint.of(String.format("e%04d", i), "10.0.0.1", i + 1);
    }

    static Endpoint[] equal(int count) {
        int[] weights = new int[count];
        java.util.Arrays.fill(weights, 1);
        return weighted(weights);
    }

    static int number(Endpoint endpoint) {
        return Integer.parseInt(endpoint.id().substring(1));
    }

    static RandomGenerator seeded(long seed) {
        return new SplittableRandom(seed);
    }

    /** How often each of n endpoints is picked when each call ends before the next. */
    static int[] picks(LoadBalancer<Endpoint> balancer, int n, int calls) {
        int[] counts = new int[n];
        for (int i = 0; i < calls; i++) {
            try (Lease<Endpoint> lease = balancer.acquire()) {
                counts[number(lease.target())]++;
                lease.success();
            }
        }
        return counts;
    }
}
