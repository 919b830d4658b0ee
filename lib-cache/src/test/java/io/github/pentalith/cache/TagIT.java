// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tags and clearing on a real Redis. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TagIT extends RedisNodes {
    private static final String ODD = "some {of}% them";

    private static EntryOptions tagged() {
        return EntryOptions.of(Duration.ofMinutes(10)).tags("all", ODD);
    }

    private TieredCache<String, String> taggedNode() {
        return liveNode(settings().entry(tagged()));
    }

    @Test
    void invalidateTag_dropsItsEntriesOnAllNodesAndNoOthers() {
        TieredCache<String, String> a = taggedNode();
        TieredCache<String, String> b = taggedNode();
        source.put("k", "old");
        a.get("k");
        awaitHeldBy(b, "k", "old");
        EntryOptions other = EntryOptions.of(Duration.ofMinutes(10)).tags("other");
        a.put("o", "kept", other);
        source.put("k", "new");

        a.invalidateTag(ODD);

        assertThat(a.get("k")).isEqualTo("new");
        Nodes.soon(() -> "new".equals(b.get("k")));
        assertThat(b.get("o")).isEqualTo("kept");
        assertThat(loads).hasValue(2);
        awaitHeldBy(a, "k", "new");
        awaitHeldBy(b, "k", "new");
    }

    /** Nobody can know whether a tag that is met for the first time was invalidated during the load. */
    @Test
    void tagThatOnlyTheLoaderKnows_isUncachedOnceAndThenWorks() {
        CacheLoader<String, String> tagging = new CacheLoader<>() {
            @Override
            public String load(String key) {
                throw new AssertionError("not this one");
            }

            @Override
            public String load(String key, LoadContext<String> context) {
                context.tag("of " + source.get(key));
                loads.incrementAndGet();
                return source.get(key);
            }
        };
        TieredCache<String, String> a = liveNode(settings().loader(tagging));
        source.put("k", "1");
        source.put("l", "1");
        assertThat(a.get("k")).isEqualTo("1");
        assertThat(a.get("k")).isEqualTo("1");
        assertThat(a.get("k")).isEqualTo("1");
        assertThat(loads).hasValue(2);
        assertThat(a.get("l")).isEqualTo("1");
        assertThat(a.get("l")).isEqualTo("1");
        assertThat(loads).hasValue(3);

        a.invalidateTag("of 1");
        source.put("k", "2");
        assertThat(a.get("k")).isEqualTo("2");
        assertThat(a.get("l")).isEqualTo("1");
        assertThat(loads).hasValue(5);
    }

    /** A version that came back would bring back old entries. */
    @Test
    void tagThatRedisEvicted_neverGetsAnOldVersionAgain() {
        TieredCache<String, String> a = taggedNode();
        source.put("k", "1");
        awaitHeldBy(a, "k", "1");
        redis.command("DEL", "users:{%#all}");
        source.put("k", "2");
        Nodes.soon(() -> "2".equals(a.get("k")));
    }

    @Test
    void tagOfAnEntryThatRedisDoesNotHold_stillDropsIt() {
        TieredCache<String, String> a = liveNode(
                settings().entry(tagged()).maxUnverified(Duration.ofMinutes(1)).maximumValueBytes(1_000));
        redis.kill();
        source.put("k", "1");
        assertThat(a.get("k")).isEqualTo("1");
        assertThat(a.get("k")).isEqualTo("1");
        assertThat(loads).hasValue(1);
        source.put("k", "2");
        a.invalidateTag("all");
        assertThat(a.get("k")).isEqualTo("2");
    }

    @Test
    void tagsInvalidatedWhileRedisIsAway_areRenewedWhenItIsBack() {
        TieredCache<String, String> a = liveNode(settings(hasty()).entry(tagged()));
        TieredCache<String, String> b = taggedNode();
        for (int i = 0; i < 5; i++) {
            String key = "k" + i;
            String tag = "t" + i;
            source.put(key, "old");
            Nodes.soon(
                    () -> { // the first time, a slow answer may be taken for none
                        a.put(key, "old", tagged().tags(tag));
                        return a.stats().pendingWrites() == 0;
                    });
            awaitHeldBy(b, key, "old");
        }
        redis.pause();
        for (int i = 0; i < 5; i++) {
            source.put("k" + i, "new");
            a.invalidateTag("t" + i);
        }
        assertThat(a.stats().pendingWrites()).isEqualTo(5);

        redis.resume();
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        for (int i = 0; i < 5; i++) {
            String key = "k" + i;
            Nodes.soon(() -> "new".equals(b.get(key)));
            awaitHeldBy(a, key, "new");
            awaitHeldBy(b, key, "new");
        }
    }

    @Test
    void tagThatIsNotWellFormed_isRefused() {
        TieredCache<String, String> a = node(settings());
        assertThatThrownBy(() -> a.invalidateTag(""))
                .hasMessage("tag must be well-formed: length=0 (expected: 1 to 256)");
    }
}
