package com.example.consumer;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.bind.ResilienceMetrics;
import io.github.pentalith.metrics.export.Exposition;
import io.github.pentalith.resilience.Pipeline;
import java.time.Duration;

public final class Main {
    public static void main(String[] args) {
        expect(MetricRegistry.class, args[0]);
        Pipeline pipeline = Pipeline.standard("work", Duration.ofSeconds(1));
        try (MetricRegistry registry = MetricRegistry.of("consumer")) {
            ResilienceMetrics.bind(registry, pipeline);
            pipeline.call(() -> "done");
            String text = Exposition.prometheus().text(registry);
            if (!text.contains("\"work\"")) {
                throw new IllegalStateException(text);
            }
            System.out.println("metrics.bind: exposed");
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
