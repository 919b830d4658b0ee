// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.util.List;

/** A program that owns two servers, one of them frozen, until somebody kills it; see {@link RealRedisIT}. */
final class RedisOwner {
    private RedisOwner() {}

    public static void main(String[] args) throws Exception {
        RealRedis awake = RealRedis.launch();
        RealRedis frozen = RealRedis.launch();
        String directories = directory(awake) + " " + directory(frozen);
        frozen.pause();
        System.out.println(awake.pid() + " " + frozen.pid() + " " + directories);
        if (args.length == 0) {
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    private static Object directory(RealRedis redis) {
        return ((List<?>) redis.command("CONFIG", "GET", "dir")).get(1);
    }
}
