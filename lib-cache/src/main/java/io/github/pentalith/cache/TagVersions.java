// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.RemoteStore.Fetched;
import io.github.pentalith.cache.RemoteStore.Fill;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The versions of tags in the remote store. Who misses one creates it with a version that it never had. */
final class TagVersions implements Tags.Source {
    private static final byte[] NO_VALUE = {};

    /** Tags that nobody looked at for so long are forgotten: then their entries are loaded again. */
    private static final Duration TTL = Duration.ofDays(30);

    private static final Duration LEASE = Duration.ofSeconds(5);

    private final RemoteStore store;
    private final RemoteCalls calls;
    private final KeyEncoder<?> keys;
    private final Debts<String> debts;

    TagVersions(RemoteStore store, RemoteCalls calls, KeyEncoder<?> keys, Debts<String> debts) {
        this.store = store;
        this.calls = calls;
        this.keys = keys;
        this.debts = debts;
    }

    @Override
    public List<Long> versions(List<String> tags) {
        List<byte[]> where = new ArrayList<>(tags.size());
        for (String tag : tags) {
            if (debts.owes(tag) || debts.owes(Tags.ALL)) {
                throw new IllegalStateException("an invalidation of the tag waits for the remote level");
            }
            where.add(keys.encodeTag(tag));
        }
        return calls.call(() -> {
            List<Fetched> found = store.fetch(where, Duration.ZERO);
            List<Long> versions = new ArrayList<>(found.size());
            for (int i = 0; i < found.size(); i++) {
                versions.add(
                        found.get(i).version() == 0
                                ? created(where.get(i))
                                : found.get(i).version());
            }
            return versions;
        });
    }

    /**
     * Removes tags and creates them again: the removal of a key that the store has lost (a failover, SWAPDB) is no
     * change, and feeds would not tell of it. Many are created together, under leases; one that somebody else has a
     * lease for is not left to them, as they may die.
     */
    void renew(List<String> dropped) {
        List<byte[]> where = dropped.stream().map(keys::encodeTag).toList();
        store.invalidate(where);
        List<byte[]> rest = where.size() == 1 ? where : withoutCreated(where);
        for (byte[] tag : rest) {
            long unused = created(tag);
        }
    }

    private List<byte[]> withoutCreated(List<byte[]> where) {
        List<Fetched> found = store.refetch(where, Collections.nCopies(where.size(), 0L), LEASE);
        List<byte[]> rest = new ArrayList<>();
        List<Fill> fills = new ArrayList<>(where.size());
        for (int i = 0; i < where.size(); i++) {
            if (found.get(i).lease() != 0) {
                fills.add(new Fill(where.get(i), found.get(i).lease(), NO_VALUE, TTL, Duration.ZERO));
            } else {
                rest.add(where.get(i));
            }
        }
        List<Long> versions = fills.isEmpty() ? List.of() : store.fill(fills);
        for (int i = 0; i < fills.size(); i++) {
            if (versions.get(i) == 0) {
                rest.add(fills.get(i).key());
            }
        }
        return rest;
    }

    private long created(byte[] tag) {
        long version = store.write(tag, 0, NO_VALUE, TTL, Duration.ZERO);
        return version != 0 // else somebody was faster
                ? version
                : store.fetch(List.of(tag), Duration.ZERO).get(0).version();
    }
}
