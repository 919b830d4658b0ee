package com.example.consumer;

import io.github.pentalith.resilience.Pipeline;
import java.time.Duration;

public final class Main {
    public static void main(String[] args) {
        expect(Pipeline.class, args[0]);
        String answer = Pipeline.standard("work", Duration.ofSeconds(1)).call(() -> "done");
        System.out.println("resilience: " + answer);
    }

    /** Fails unless the library came the way this run is about. */
    private static void expect(Class<?> door, String path) {
        boolean named = door.getModule().isNamed();
        if (named != path.equals("module")) {
            throw new IllegalStateException(door + " came from the wrong path: named module=" + named);
        }
    }
}
