// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.code;

import io.github.pentalith.sharding.id.IdGenerator;
import io.github.pentalith.shortener.link.Rejection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ids that are unique among all nodes of all processes, without asking anybody per id.
 *
 * <p>An id holds its time and the number of the node that made it, so two nodes must never use one number at one time.
 * "At one time" is taken literally: a holder issues no id whose time is later than the {@code until} that stands in its
 * row, and a new holder issues none whose time is not later than the {@code until} it found there. Two holders of one
 * number, even if both believe in their right, thus write disjoint times into their ids. No clock has to be right: one
 * that is wrong costs availability, never uniqueness.
 *
 * <p>Thread-safe. {@link #renew} is to be called by a timer, several times per {@code ttl}.
 */
public final class NodeLease {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);

    private final LeaseTable table;
    private final Duration ttl;
    private final InstantSource clock;
    private final String owner = UUID.randomUUID().toString();
    private final ReentrantLock changing = new ReentrantLock();
    private volatile Held held;
    private boolean released; // guarded by changing

    /** The number in use. A renewal makes a new object with the same generator. */
    private record Held(IdGenerator ids, long until) {}

    private NodeLease(LeaseTable table, Duration ttl, InstantSource clock) throws SQLException {
        this.table = table;
        this.ttl = ttl;
        this.clock = clock;
        this.held = claim();
    }

    /**
     * Claims a number.
     *
     * @param ttl for how long it is ours without a renewal
     * @throws IllegalStateException if all numbers are taken
     */
    public static NodeLease claim(LeaseTable table, Duration ttl, InstantSource clock) throws SQLException {
        return new NodeLease(table, ttl, clock);
    }

    /**
     * {@return the next id}
     *
     * @throws Rejection if the lease has run out, as when the database was away for long, or was given back
     */
    public long next() {
        Held now = held;
        long id = now.ids.next();
        long time = IdGenerator.instantOf(id).toEpochMilli();
        Held still = held; // read again: a release meanwhile may have written a time before that of this id
        if (still.ids != now.ids || time > still.until) {
            throw Rejection.unavailable("no new codes until the database is back");
        }
        return id;
    }

    /** {@return the number in use} */
    public int number() {
        return held.ids.node();
    }

    /**
     * Extends the lease; if somebody has taken the number over, which takes a pause longer than the ttl, claims another.
     * Does nothing after a release.
     */
    public void renew() {
        changing.lock();
        try {
            if (released) {
                return;
            }
            Held now = held;
            // Should the clock have stepped back, the row must not say less than what may be issued.
            long until = Math.max(now.until, clock.millis() + ttl.toMillis());
            if (table.renew(now.ids.node(), owner, until)) {
                held = new Held(now.ids, until);
            } else {
                held = claim();
                LOG.warn("Node number {} was lost to another node; now using {}", now.ids.node(), number());
            }
        } catch (SQLException | RuntimeException e) {
            LOG.warn("The lease of node number {} could not be renewed", number(), e);
        } finally {
            changing.unlock();
        }
    }

    /** Gives the number back: its row says up to when ids were issued, which is now and not the end of the lease. */
    public void release() throws SQLException {
        changing.lock();
        try {
            if (released) {
                return;
            }
            released = true;
            Held now = held;
            held = new Held(now.ids, Long.MIN_VALUE); // nobody issues any more
            long last = IdGenerator.instantOf(now.ids.next()).toEpochMilli();
            table.renew(now.ids.node(), owner, Math.min(last, now.until));
        } finally {
            changing.unlock();
        }
    }

    private Held claim() throws SQLException {
        long now = clock.millis();
        long until = now + ttl.toMillis();
        LeaseTable.Claim claim = table.claim(owner, now, until);
        if (claim == null) {
            throw new IllegalStateException("all node numbers are taken");
        }
        Instant first = Instant.ofEpochMilli(claim.usedUntil() + 1);
        InstantSource notBefore = () -> { // should the wall clock step back behind what the row said
            Instant time = clock.instant();
            return time.isBefore(first) ? first : time;
        };
        return new Held(IdGenerator.of(claim.number(), notBefore), until);
    }
}
