// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.sharding.id.IdGenerator;
import io.github.pentalith.shortener.link.Rejection;
import io.github.pentalith.shortener.store.Address;
import io.github.pentalith.shortener.store.Addresses;
import io.github.pentalith.shortener.store.Leases;
import io.github.pentalith.shortener.store.Shards;
import io.github.pentalith.testkit.VirtualTime;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeLeaseTest {
    private static final Duration TTL = Duration.ofSeconds(30);

    private final VirtualTime time = VirtualTime.create();

    @TempDir
    private Path directory;

    private Shards shards;
    private Leases table;

    @BeforeEach
    void open() throws SQLException {
        Address place = Address.jdbc("jdbc:h2:file:" + directory.resolve("s0"));
        shards = Shards.open(
                "test", new Addresses(Map.of("s0", place), id -> Optional.empty()), new Pipeline.Observer() {});
        table = new Leases(shards.first());
    }

    @AfterEach
    void close() {
        shards.close();
    }

    @Test
    void claim_byTwoNodes_givesTwoNumbers() throws SQLException {
        NodeLease one = NodeLease.claim(table, TTL, time);
        NodeLease two = NodeLease.claim(table, TTL, time);

        assertThat(List.of(one.number(), two.number())).containsExactly(0, 1);
    }

    @Test
    void next_afterTheLeaseRanOut_isRefusedUntilRenewed() throws SQLException {
        NodeLease lease = NodeLease.claim(table, TTL, time);
        time.advance(TTL.plusMillis(1));

        assertThatThrownBy(lease::next).isInstanceOf(Rejection.class);
        lease.renew();
        assertThat(lease.next()).isPositive();
    }

    @Test
    void claim_ofANumberThatRanOut_givesLaterIds() throws SQLException {
        NodeLease dead = NodeLease.claim(table, TTL, time);
        long last = dead.next();
        time.advance(TTL.plusMillis(1));

        NodeLease next = NodeLease.claim(table, TTL, time);

        assertThat(next.number()).isEqualTo(dead.number());
        assertThat(next.next()).isGreaterThan(last);
    }

    @Test
    void renew_ofANumberThatIsAnothersNow_takesAnotherNumber() throws SQLException {
        NodeLease paused = NodeLease.claim(table, TTL, time);
        time.advance(TTL.plusMillis(1));
        NodeLease heir = NodeLease.claim(table, TTL, time);

        paused.renew();

        assertThat(paused.number()).isNotEqualTo(heir.number());
        assertThat(paused.next()).isNotEqualTo(heir.next());
    }

    @Test
    void release_thenClaim_reusesTheNumberAtOnce() throws SQLException {
        NodeLease first = NodeLease.claim(table, TTL, time);
        long last = first.next();
        first.release();
        assertThatThrownBy(first::next).isInstanceOf(Rejection.class);
        time.advance(Duration.ofMillis(2));

        NodeLease second = NodeLease.claim(table, TTL, time);

        assertThat(second.number()).isEqualTo(first.number());
        assertThat(second.next()).isGreaterThan(last);
    }

    @Test
    void renew_whileTheClockIsBack_keepsTheNumber() throws SQLException {
        AtomicReference<Duration> skew = new AtomicReference<>(Duration.ZERO);
        NodeLease holder = NodeLease.claim(table, TTL, () -> time.instant().plus(skew.get()));
        skew.set(Duration.ofSeconds(-60));
        holder.renew();

        NodeLease rival = NodeLease.claim(table, TTL, time);
        skew.set(Duration.ZERO);

        assertThat(rival.number()).isNotEqualTo(holder.number());
        assertThat(rival.next()).isNotEqualTo(holder.next());
    }

    @Test
    void renew_afterARelease_revivesNothing() throws SQLException {
        NodeLease released = NodeLease.claim(table, TTL, time);
        released.release();

        released.renew();

        assertThatThrownBy(released::next).isInstanceOf(Rejection.class);
        time.advance(Duration.ofMillis(2));
        assertThat(NodeLease.claim(table, TTL, time).number()).isEqualTo(released.number());
    }

    @Test
    void release_twice_keepsWhatTheRowSays() throws SQLException {
        NodeLease released = NodeLease.claim(table, TTL, time);
        long last = released.next();
        released.release();
        released.release();

        LeaseTable.Claim claim = table.claim("heir", Long.MAX_VALUE, Long.MAX_VALUE);

        assertThat(claim).isNotNull();
        assertThat(claim.usedUntil())
                .isGreaterThanOrEqualTo(IdGenerator.instantOf(last).toEpochMilli());
    }

    @Test
    void next_releasedMeanwhile_isRefused() throws SQLException {
        AtomicReference<Runnable> onRead = new AtomicReference<>(() -> {});
        InstantSource clock = () -> {
            onRead.getAndSet(() -> {}).run(); // once: the release reads the clock too
            return time.instant();
        };
        NodeLease lease = NodeLease.claim(table, TTL, clock);
        onRead.set(() -> release(lease)); // between the look at the lease and the id

        assertThatThrownBy(lease::next).isInstanceOf(Rejection.class);
    }

    private static void release(NodeLease lease) {
        try {
            lease.release();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void next_ofHoldersWhoseClocksDisagree_neverRepeats() throws SQLException {
        // The second node's clock is a minute ahead, so it believes every lease of the first to have run out.
        InstantSource ahead = () -> time.instant().plusSeconds(60);
        NodeLease honest = NodeLease.claim(table, TTL, time);
        NodeLease hasty = NodeLease.claim(table, TTL, ahead);
        assertThat(hasty.number()).isEqualTo(honest.number());

        Set<Long> ids = new HashSet<>();
        int issued = 0;
        for (int step = 0; step < 200; step++) {
            for (NodeLease lease : List.of(honest, hasty)) {
                try {
                    ids.add(lease.next());
                    issued++;
                } catch (Rejection e) {
                    assertThat(e.kind()).isEqualTo(Rejection.Kind.UNAVAILABLE);
                }
            }
            time.advance(Duration.ofSeconds(1));
            if (step % 10 == 0) {
                honest.renew();
                hasty.renew();
            }
        }

        assertThat(ids).hasSize(issued);
        assertThat(issued).isGreaterThan(300);
    }

    @Test
    void next_byManyThreadsOfManyNodes_neverRepeats() throws Exception {
        Set<Long> ids = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (int node = 0; node < 4; node++) {
            NodeLease lease = NodeLease.claim(table, TTL, InstantSource.system());
            for (int i = 0; i < 2; i++) {
                Thread thread = new Thread(() -> {
                    for (int n = 0; n < 2_000; n++) {
                        assertThat(ids.add(lease.next())).isTrue();
                    }
                });
                threads.add(thread);
                thread.start();
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(ids).hasSize(16_000);
        assertThat(ids.stream().map(IdGenerator::nodeOf).distinct()).hasSize(4);
    }
}
