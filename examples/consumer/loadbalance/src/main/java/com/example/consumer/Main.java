package com.example.consumer;

import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.LoadBalancer;

public final class Main {
    public static void main(String[] args) {
        expect(LoadBalancer.class, args[0]);
        try (LoadBalancer<Endpoint> nodes = LoadBalancer.of("nodes", Endpoint.of("10.0.0.1", 80))) {
            String host = nodes.call(lease -> lease.target().host());
            System.out.println("loadbalance: " + host);
        }
    }

    /** Fails unless the library came the way this run is about. */
    private static void expect(Class<?> door, String path) {
        boolean named = door.getModule().isNamed();
        if (named != path.equals("module")) {
            throw new IllegalStateException(door + " came from the wrong path: named module=" + named);
        }
    }
}
