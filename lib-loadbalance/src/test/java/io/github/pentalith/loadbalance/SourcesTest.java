// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** DNS and several sources as one. */
class SourcesTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    /** Remembers what it was told. */
    private static final class Told implements EndpointSource.Listener {
        final List<EndpointSet> sets = new CopyOnWriteArrayList<>();
        final List<String> flips = new CopyOnWriteArrayList<>();

        @Override
        public void onEndpoints(EndpointSet set) {
            sets.add(set);
        }

        @Override
        public void onHealth(String id, boolean healthy) {
            flips.add(id + (healthy ? " well" : " sick"));
        }

        List<String> last() {
            return sets.isEmpty()
                    ? List.of()
                    : sets.get(sets.size() - 1).endpoints().stream()
                            .map(Endpoint::id)
                            .toList();
        }
    }

    /** A name server whose answers a test changes. */
    private static final class Names implements DnsSource.Resolver {
        volatile String[] addresses = {};
        volatile boolean failing;
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            asked.incrementAndGet();
            if (failing) {
                throw new UnknownHostException(host);
            }
            InetAddress[] answer = new InetAddress[addresses.length];
            for (int i = 0; i < answer.length; i++) {
                answer[i] = InetAddress.getByName(addresses[i]);
            }
            return answer;
        }

        void awaitLookUps(int more) {
            int target = asked.get() + more;
            await().atMost(LONG).until(() -> asked.get() >= target);
        }
    }

    private final Names names = new Names();

    private DnsSource dns() {
        return new DnsSource("fleet.example", 80, Duration.ofMillis(5), names);
    }

    @Test
    void dns_allAddresses_areEndpointsAtOnce() {
        names.addresses = new String[] {"192.0.2.2", "192.0.2.1", "2001:db8::1", "192.0.2.2"};
        Told told = new Told();
        try (Subscription unused = dns().subscribe(told)) {
            assertThat(told.last()).containsExactly("192.0.2.1:80", "192.0.2.2:80", "2001:db8:0:0:0:0:0:1:80");
        }
    }

    @Test
    void dns_emptyOrFailingAnswer_keepsTheLastGoodSet() {
        names.addresses = new String[] {"192.0.2.1"};
        Told told = new Told();
        try (Subscription unused = dns().subscribe(told)) {
            names.addresses = new String[] {};
            names.awaitLookUps(3);
            names.failing = true;
            names.awaitLookUps(3);
            assertThat(told.sets).as("nothing was said").hasSize(1);
            names.addresses = new String[] {"192.0.2.1", "192.0.2.9"};
            names.failing = false;
            await().atMost(LONG).until(() -> told.last().size() == 2);
            assertThat(told.sets.get(1).epoch()).isGreaterThan(told.sets.get(0).epoch());
            names.awaitLookUps(3);
            assertThat(told.sets).as("the same answer says nothing").hasSize(2);
        }
    }

    @Test
    void dns_unknownAtFirst_deliversWhenItIsKnown_alsoAfterAListenerThrew() {
        names.failing = true;
        Told told = new Told();
        AtomicInteger thrown = new AtomicInteger();
        try (Subscription unused = dns().subscribe(set -> {
            if (thrown.getAndIncrement() == 0) {
                throw new IllegalStateException("once");
            }
            told.onEndpoints(set);
        })) {
            assertThat(told.sets).isEmpty();
            names.addresses = new String[] {"192.0.2.1"};
            names.failing = false;
            await().atMost(LONG).until(() -> thrown.get() == 1);
            names.addresses = new String[] {"192.0.2.2"};
            await().atMost(LONG).until(() -> told.last().equals(List.of("192.0.2.2:80")));
        }
    }

    @Test
    void dns_closed_endsItsThread() {
        names.addresses = new String[] {"192.0.2.1"};
        Subscription subscription = dns().subscribe(new Told());
        names.awaitLookUps(2);
        subscription.close();
        subscription.close();
        await().atMost(LONG)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("pentalith-loadbalance-dns")));
    }

    @Test
    void dns_realResolver_feedsABalancer() {
        EndpointSource source = EndpointSource.dns("localhost", 8080, Duration.ofMinutes(1));
        try (LoadBalancer<Endpoint> balancer =
                LoadBalancer.builder("local", source).build()) {
            assertThat(balancer.stats().endpoints())
                    .isNotEmpty()
                    .allSatisfy(endpoint -> assertThat(endpoint.id()).endsWith(":8080"));
        }
        assertThat(source).hasToString("EndpointSource.dns(localhost, 8080, PT1M)");
    }

    @Test
    void dns_badArguments_sayWhatWasExpected() {
        assertThatThrownBy(() -> EndpointSource.dns("a", 65_536, LONG)).hasMessageStartingWith("port must be in range");
        assertThatThrownBy(() -> EndpointSource.dns("a", 1, Duration.ZERO))
                .hasMessageStartingWith("interval must be positive");
    }

    // Composite

    private final EndpointHolder first = EndpointHolder.of("first", Fleets.endpoint(0), Fleets.endpoint(1));
    private final EndpointHolder second = EndpointHolder.of(
            "second", Fleets.endpoint(1).weight(9), Fleets.endpoint(2).priority(1));

    @Test
    void composite_theEarlierSource_countsForAnIdThatTwoHave() {
        Told told = new Told();
        EndpointSource silent = listener -> () -> {};
        try (Subscription unused =
                EndpointSource.composite(silent, first, second).subscribe(told)) {
            assertThat(told.last()).containsExactly("e0000", "e0001", "e0002");
            assertThat(told.sets.get(0).find("e0001")).isEqualTo(Fleets.endpoint(1));
            first.update(set -> set.without("e0001"));
            assertThat(told.sets.get(told.sets.size() - 1).find("e0001"))
                    .isEqualTo(Fleets.endpoint(1).weight(9));
            second.update(set -> set.withAll(List.of()));
            assertThat(told.last()).containsExactly("e0000");
        }
        first.update(set -> set.without("e0000"));
        assertThat(told.last()).as("closed").containsExactly("e0000");
    }

    @Test
    void composite_health_isThatOfTheSourceThatCounts() {
        Told told = new Told();
        second.health("e0001", false);
        try (Subscription unused = EndpointSource.composite(first, second).subscribe(told)) {
            assertThat(told.flips).isEmpty();
            first.health("e0000", false);
            assertThat(told.flips).containsExactly("e0000 sick");
            second.health("e0001", true);
            second.health("e0001", false);
            assertThat(told.flips).hasSize(1);
            first.update(set -> set.without("e0001")); // now the second one speaks for it
            assertThat(told.flips).containsExactly("e0000 sick", "e0001 sick");
            second.health("e0001", true);
            assertThat(told.flips).endsWith("e0001 well");
        }
    }

    @Test
    void composite_aSourceThatThrows_closesTheOthers() {
        AtomicInteger closed = new AtomicInteger();
        EndpointSource counting = listener -> closed::incrementAndGet;
        EndpointSource broken = listener -> {
            throw new IllegalStateException("no");
        };
        assertThatThrownBy(() -> EndpointSource.composite(counting, broken).subscribe(new Told()))
                .hasMessage("no");
        assertThat(closed).hasValue(1);
        assertThatThrownBy(EndpointSource::composite).hasMessageStartingWith("sources must be in range");
        assertThat(EndpointSource.composite(first)).asString().startsWith("EndpointSource.composite[");
    }
}
