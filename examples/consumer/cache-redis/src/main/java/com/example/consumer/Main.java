package com.example.consumer;

import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.cache.redis.RedisStore;

public final class Main {
    public static void main(String[] args) {
        expect(TieredCache.class, args[0]);
        // No server listens there: the cache works on without it.
        try (TieredCache<String, Long> cache = TieredCache.builder("lengths", String.class, Long.class)
                .maximumSize(10)
                .remote(RedisStore.of("redis://127.0.0.1:1"))
                .build()) {
            System.out.println("cache with Jedis: " + cache.get("four", key -> (long) key.length()));
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
