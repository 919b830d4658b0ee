package com.example.consumer;

import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.ShardMap;
import io.github.pentalith.sharding.id.Base62;

public final class Main {
    public static void main(String[] args) {
        expect(ShardMap.class, args[0]);
        HashShardMap<String> map = ShardMap.of("a", "b", "c");
        System.out.println("sharding: " + map.locate("key") + " " + Base62.encode(123456789L));
    }

    /** Fails unless the library came the way this run is about. */
    private static void expect(Class<?> door, String path) {
        boolean named = door.getModule().isNamed();
        if (named != path.equals("module")) {
            throw new IllegalStateException(door + " came from the wrong path: named module=" + named);
        }
    }
}
