package com.example.consumer;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.export.Exposition;

public final class Main {
    public static void main(String[] args) {
        expect(MetricRegistry.class, args[0]);
        try (MetricRegistry registry = MetricRegistry.of("consumer")) {
            registry.counter("runs", "Runs.").register().inc();
            String text = Exposition.prometheus().text(registry);
            if (!text.contains("consumer_runs_total 1")) {
                throw new IllegalStateException(text);
            }
            System.out.println("metrics: exposed");
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
