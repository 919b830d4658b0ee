// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

class BulkReadsTest extends RedisNodes {
    @Test
    void getAll_brokenBytes_areCountedOnceAndReplaced() {
        TieredCache<String, String> cache = liveNode();
        try (Jedis raw = new Jedis("127.0.0.1", redis.port(), 60_000)) {
            for (String key : List.of("a", "b", "c")) {
                raw.set(("users:{" + key + "}").getBytes(StandardCharsets.UTF_8), new byte[] {1, 2, 3});
            }
        }
        source.putAll(Map.of("a", "1", "b", "2", "d", "4"));
        assertThat(cache.getAll(List.of("d", "c", "b", "a", "b")))
                .containsExactly(Map.entry("d", "4"), Map.entry("b", "2"), Map.entry("a", "1"));
        assertThat(cache.stats().decodeFailures()).isEqualTo(3);
        assertThat(cache.stats().misses()).isEqualTo(4);
        assertThat(liveNode().getAll(List.of("a", "b", "c", "d"), key -> "of another loader"))
                .containsExactly(Map.entry("a", "1"), Map.entry("b", "2"), Map.entry("d", "4"));
    }

    /** Entries are inserted together, and the maintenance that bounds the level runs after them. */
    @Test
    void getAll_moreThanTheLocalLevelHolds_keepsItsBound() {
        TieredCache<String, String> cache = node(settings().maximumSize(100));
        awaitLive(cache);
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < 1_000; i++) {
            all.put("k" + i, "v" + i);
            source.put("k" + i, "v" + i);
        }
        assertThat(cache.getAll(all.keySet())).isEqualTo(all);
        assertThat(cache.getAll(all.keySet())).isEqualTo(all);
        assertThat(cache.stats().localSize()).isBetween(1L, 100L);
        assertThat(loads).hasValue(1_000);
        String last = cache.get("k999");
        assertThat(last).isEqualTo("v999");
    }
}
