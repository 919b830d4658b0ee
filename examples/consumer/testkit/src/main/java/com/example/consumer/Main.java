package com.example.consumer;

import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;

public final class Main {
    public static void main(String[] args) {
        expect(VirtualTime.class, args[0]);
        VirtualTime time = VirtualTime.create();
        time.advance(Duration.ofHours(1));
        System.out.println("testkit: " + time.elapsed());
    }

    /** Fails unless the library came the way this run is about. */
    private static void expect(Class<?> door, String path) {
        boolean named = door.getModule().isNamed();
        if (named != path.equals("module")) {
            throw new IllegalStateException(door + " came from the wrong path: named module=" + named);
        }
    }
}
