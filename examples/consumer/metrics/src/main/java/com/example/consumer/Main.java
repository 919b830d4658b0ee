package com.example.consumer;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.export.Exposition;

public final class Main {
    public static void main(String[] args) {
        expect(MetricRegistry.class, args[0]);
        try (MetricRegistry registry = MetricRegistry.of("consumer")) {
            registry.counter("runs", "Runs.").register().inc();
            System.out.println("metrics: " + Exposition.prometheus().text(registry).contains("consumer_runs_total 1"));
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
