// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Writes and tags where this process is alone. */
class LocalWritesTest {
    private final Map<String, String> source = new ConcurrentHashMap<>();

    private CacheBuilder<String, String> settings() {
        return TieredCache.<String, String>builder("local").loader(source::get);
    }

    private static EntryOptions tagged(String... tags) {
        return EntryOptions.of(Duration.ofMinutes(1)).tags(tags);
    }

    @Test
    void invalidateTag_dropsItsEntriesAndNoOthers() {
        try (TieredCache<String, String> cache = settings().entry(tagged("a")).build()) {
            cache.put("x", "1");
            cache.put("y", "2", tagged("a", "b"));
            cache.put("z", "3", tagged("b"));
            cache.invalidateTag("a");
            assertThat(cache.peek("x").known()).isFalse();
            assertThat(cache.peek("y").known()).isFalse();
            assertThat(cache.get("z")).isEqualTo("3");
            cache.put("x", "4");
            assertThat(cache.get("x")).isEqualTo("4");
            cache.invalidateTag("a");
            cache.invalidateTag("never used");
            assertThat(cache.peek("x").known()).isFalse();
        }
    }

    @Test
    void r9_loadThatOverlapsTheInvalidationOfItsTag_isNotKept() {
        try (TieredCache<String, String> known = settings().entry(tagged("a")).build();
                TieredCache<String, String> named = settings().build()) {
            assertThat(known.get("k", key -> {
                        known.invalidateTag("a");
                        return "old";
                    }))
                    .isEqualTo("old");
            assertThat(known.peek("k").known()).isFalse();
            assertThat(named.get("k", tagging(() -> named.invalidateTag("t")))).isEqualTo("v");
            assertThat(named.peek("k").known()).isFalse();
            assertThat(named.get("k", tagging(() -> {}))).isEqualTo("v");
            assertThat(named.peek("k").known()).isTrue();
            named.invalidateTag("t");
            assertThat(named.peek("k").known()).isFalse();
        }
    }

    private static CacheLoader<String, String> tagging(Runnable meanwhile) {
        return new CacheLoader<>() {
            @Override
            public String load(String key) {
                throw new AssertionError("not this one");
            }

            @Override
            public String load(String key, LoadContext<String> context) {
                context.tag("t");
                meanwhile.run();
                return "v";
            }
        };
    }

    @Test
    void writer_isCalledFirstAndItsFailureLeavesNothing() {
        CacheWriter<String, String> writer = (key, value, version) -> {
            assertThat(version).isZero();
            if ("bad".equals(value)) {
                throw new IllegalArgumentException("refused");
            }
            if ("interrupted".equals(value)) {
                throw new InterruptedException();
            }
            if (value == null) {
                source.remove(key);
            } else {
                source.put(key, value);
            }
        };
        try (TieredCache<String, String> cache =
                settings().writer(writer).writeTimeout(Duration.ofSeconds(1)).build()) {
            cache.put("k", "1");
            assertThat(source).containsEntry("k", "1");
            assertThat(cache.peek("k").value()).isEqualTo("1");
            assertThatThrownBy(() -> cache.put("k", "bad")).hasMessage("refused");
            assertThat(cache.peek("k").known()).isFalse();
            assertThatThrownBy(() -> cache.put("k", "interrupted")).isInstanceOf(CacheWriteException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(cache.get("k")).isEqualTo("1");
            cache.remove("k");
            assertThat(source).isEmpty();
            assertThat(cache.get("k")).isNull();
            assertThat(cache.stats().writes()).isEqualTo(2);
            assertThat(cache.stats().writeFailures()).isEqualTo(2);
        }
    }

    @Test
    void r4_writesThatOverlap_keepNeitherValue() {
        try (TieredCache<String, String> cache = settings().build()) {
            WriteIntent<String, String> first = cache.beginWrite("k");
            source.put("k", "1");
            WriteIntent<String, String> second = cache.beginWrite("k");
            source.put("k", "2");
            boolean unused = second.store("2");
            source.put("k", "1, which took its time");
            assertThat(first.store("1")).isFalse();
            assertThat(cache.get("k")).isEqualTo("1, which took its time");
            try (WriteIntent<String, String> alone = cache.beginWrite("k")) {
                assertThat(alone.version()).isZero();
                assertThat(alone.store("3")).isTrue();
            }
            assertThat(cache.peek("k").value()).isEqualTo("3");
            cache.beginWrite("k").close();
            assertThat(cache.peek("k").known()).isFalse();
        }
    }

    @Test
    void withoutARemoteLevelOrAWriter_thereAreNoVersionsAndRemoveIsInvalidate() {
        try (TieredCache<String, String> cache = settings().build()) {
            assertThatThrownBy(() -> cache.replaceIfVersion("k", 0, "v"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("cache local has no remote level, which alone gives versions");
            cache.put("k", "v");
            cache.remove("k");
            assertThat(cache.peek("k").known()).isFalse();
        }
    }
}
