// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.admin;

import io.github.pentalith.shortener.store.Database;
import io.github.pentalith.shortener.store.Routing;
import io.github.pentalith.shortener.store.RoutingTable;
import io.github.pentalith.shortener.store.RoutingTable.Member;
import io.github.pentalith.shortener.store.Shards;
import io.github.pentalith.shortener.store.SupersededException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for all who follow the routing.
 *
 * <p>One who gives no sign of life is told so by a mark in each database, by which it would find out before any further
 * call, should it live; after the same time again it is taken off the list.
 */
final class RollCall {
    private static final Duration POLL = Duration.ofMillis(50);

    private static final Logger LOG = LoggerFactory.getLogger(RollCall.class);

    private final RoutingTable table;
    private final Routing now;
    private final Collection<Database> databases;
    private final Progress progress;
    private final Map<String, Silence> silences = new HashMap<>();

    /** Since when a member was not heard, and since when that is marked; 0 for not yet. */
    private record Silence(long beat, long since, long marked) {}

    /** A roll call under a routing, which ends if the routing changes. */
    RollCall(RoutingTable table, Routing now, Collection<Database> databases, Progress progress) {
        this.table = table;
        this.now = now;
        this.databases = databases;
        this.progress = progress;
    }

    /** Returns when each has entered the version, with all that it began before finished. */
    void awaitEntered() throws SQLException {
        await(member -> member.version() >= now.version());
    }

    /** Returns when each has given a sign of life after now, with which it tells of its half-done writes. */
    void awaitSignOfLife() throws SQLException {
        Map<String, Long> before = new HashMap<>();
        table.members().forEach(member -> before.put(member.owner(), member.beat()));
        await(member -> member.beat() > before.getOrDefault(member.owner(), -1L));
    }

    private void await(Predicate<Member> isHere) throws SQLException {
        while (true) {
            if (progress.isCancelled()) {
                throw new CancellationException("the service stops");
            }
            List<String> missing = new ArrayList<>();
            for (Member member : table.members()) {
                if (!isHere.test(member)) {
                    missing.add(member.name());
                    listen(member);
                }
            }
            progress.waitingFor(missing);
            if (missing.isEmpty()) {
                return;
            }
            long version = table.read().version();
            if (version != now.version()) {
                throw new SupersededException(now.version(), version);
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private void listen(Member member) throws SQLException {
        long time = System.nanoTime();
        Silence silence = silences.get(member.owner());
        if (silence == null || silence.beat() != member.beat()) {
            silences.put(member.owner(), new Silence(member.beat(), time, 0));
        } else if (silence.marked() == 0) {
            if (time - silence.since() > Shards.SILENCE.toNanos()) {
                for (Database database : databases) {
                    table.mark(database, now.version());
                }
                silences.put(member.owner(), new Silence(member.beat(), silence.since(), System.nanoTime()));
            }
        } else if (time - silence.marked() > Shards.SILENCE.toNanos()) {
            LOG.warn("{} gives no sign of life; the resharding goes on without it", member.name());
            table.remove(member.owner());
        }
    }
}
