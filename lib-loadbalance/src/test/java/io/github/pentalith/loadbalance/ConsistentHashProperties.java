// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.sharding.Placement;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Law 7. */
class ConsistentHashProperties {
    private static final int KEYS = 500;

    @Provide
    Arbitrary<Placement> placements() {
        return Arbitraries.of(Placement.ring(), Placement.maglev(5003), Placement.rendezvous());
    }

    private static LoadBalancer<Endpoint> balancer(Policy policy, EndpointSource source) {
        return LoadBalancer.builder("laws", source)
                .policy(policy)
                .panicThreshold(0)
                .random(Fleets.seeded(3))
                .build();
    }

    private static String owner(LoadBalancer<Endpoint> balancer, int key) {
        try (Lease<Endpoint> lease = balancer.acquire(PickContext.create().affinity("key-" + key))) {
            return lease.endpoint().id();
        }
    }

    private static List<String> owners(LoadBalancer<Endpoint> balancer) {
        List<String> owners = new ArrayList<>();
        for (int key = 0; key < KEYS; key++) {
            owners.add(owner(balancer, key));
        }
        return owners;
    }

    @Property(tries = 60)
    void pick_whenAnEndpointFallsIll_onlyItsKeysMove_andComeBack(
            @ForAll("placements") Placement placement,
            @ForAll @IntRange(min = 2, max = 20) int n,
            @ForAll @IntRange(max = 19) int which) {
        EndpointHolder holder = EndpointHolder.of("nodes", Fleets.equal(n));
        String sick = Fleets.endpoint(which % n).id();
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.consistentHash(placement), holder)) {
            List<String> before = owners(balancer);
            holder.health(sick, false);
            List<String> during = owners(balancer);
            for (int key = 0; key < KEYS; key++) {
                if (before.get(key).equals(sick)) {
                    assertThat(during.get(key)).isNotEqualTo(sick);
                } else {
                    assertThat(during.get(key)).isEqualTo(before.get(key));
                }
            }
            holder.health(sick, true);
            assertThat(owners(balancer)).isEqualTo(before);
        }
    }

    @Property(tries = 40)
    void pick_whenAnEndpointIsRemoved_ringAndRendezvousMoveOnlyItsKeys(
            @ForAll boolean ring, @ForAll @IntRange(min = 2, max = 20) int n, @ForAll @IntRange(max = 19) int which) {
        EndpointHolder holder = EndpointHolder.of("nodes", Fleets.equal(n));
        String gone = Fleets.endpoint(which % n).id();
        Placement placement = ring ? Placement.ring() : Placement.rendezvous();
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.consistentHash(placement), holder)) {
            List<String> before = owners(balancer);
            holder.update(set -> set.without(gone));
            List<String> after = owners(balancer);
            for (int key = 0; key < KEYS; key++) {
                if (!before.get(key).equals(gone)) {
                    assertThat(after.get(key)).isEqualTo(before.get(key));
                }
            }
        }
    }

    @Property(tries = 60)
    void pick_inAnyOrderOfTheList_isTheSame(@ForAll("placements") Placement placement, @ForAll long seed) {
        List<Endpoint> shuffled = new ArrayList<>(Arrays.asList(Fleets.weighted(1, 5, 2, 7, 3)));
        try (LoadBalancer<Endpoint> one =
                balancer(Policy.consistentHash(placement), EndpointSource.of(shuffled.toArray(new Endpoint[0])))) {
            Collections.shuffle(shuffled, new Random(seed));
            try (LoadBalancer<Endpoint> other =
                    balancer(Policy.consistentHash(placement), EndpointSource.of(shuffled.toArray(new Endpoint[0])))) {
                assertThat(owners(one)).isEqualTo(owners(other));
            }
        }
    }

    @Property(tries = 60)
    void boundedLoad_anySkewOfKeys_isNeverExceeded(
            @ForAll("placements") Placement placement,
            @ForAll @IntRange(min = 1, max = 12) int n,
            @ForAll @IntRange(min = 1, max = 100) int hundredths,
            @ForAll long seed) {
        double epsilon = hundredths / 100.0;
        Random random = new Random(seed);
        int[] weights = random.ints(n, 1, 6).toArray();
        int sum = Arrays.stream(weights).sum();
        EndpointHolder holder = EndpointHolder.of("nodes", Fleets.weighted(weights));
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.consistentHash(placement, epsilon), holder)) {
            List<Lease<Endpoint>> open = new ArrayList<>();
            int[] inFlight = new int[n];
            for (int i = 0; i < 400; i++) {
                if (!open.isEmpty() && random.nextInt(3) == 0) {
                    Lease<Endpoint> lease = open.remove(random.nextInt(open.size()));
                    inFlight[Fleets.number(lease.endpoint())]--;
                    lease.success();
                    continue;
                }
                int key = (int) Math.abs(random.nextGaussian() * 2); // a few hot keys
                Lease<Endpoint> lease = balancer.acquire(PickContext.create().affinity("key-" + key));
                open.add(lease);
                int at = Fleets.number(lease.endpoint());
                inFlight[at]++;
                assertThat((double) inFlight[at])
                        .as("%d calls in all, weights %s", open.size(), Arrays.toString(weights))
                        .isLessThanOrEqualTo(Math.ceil((1 + epsilon) * open.size() * weights[at] / sum));
            }
            open.forEach(Lease::success);
        }
    }

    @Property(tries = 30)
    void boundedLoad_withRoomEverywhere_staysWithTheOwner(@ForAll("placements") Placement placement) {
        EndpointSource source = EndpointSource.of(Fleets.equal(8));
        try (LoadBalancer<Endpoint> free = balancer(Policy.consistentHash(placement), source);
                LoadBalancer<Endpoint> bounded = balancer(Policy.consistentHash(placement, 0.25), source)) {
            assertThat(owners(bounded)).isEqualTo(owners(free));
        }
    }

    @Property(tries = 30)
    void retry_ofAKey_walksItsOwnersWithoutRepeating(@ForAll("placements") Placement placement) {
        try (LoadBalancer<Endpoint> balancer =
                balancer(Policy.consistentHash(placement), EndpointSource.of(Fleets.equal(7)))) {
            List<String> walk = null;
            for (int round = 0; round < 3; round++) {
                PickContext request = PickContext.create().affinity(42L << 40);
                List<String> tried = new ArrayList<>();
                for (int i = 0; i < 7; i++) {
                    try (Lease<Endpoint> lease = balancer.acquire(request)) {
                        tried.add(lease.endpoint().id());
                    }
                }
                assertThat(tried).doesNotHaveDuplicates();
                walk = walk == null ? tried : walk;
                assertThat(tried).isEqualTo(walk);
                balancer.acquire(request).success(); // all tried: better one twice than none
            }
        }
    }

    @Example
    void pick_byClientAddress_isSticky() throws UnknownHostException {
        try (LoadBalancer<Endpoint> balancer =
                balancer(Policy.consistentHash(Placement.ring()), EndpointSource.of(Fleets.equal(9)))) {
            InetAddress four = InetAddress.getByName("192.0.2.7");
            InetAddress six = InetAddress.getByName("2001:db8::7");
            for (InetAddress client : List.of(four, six)) {
                String first = null;
                for (int i = 0; i < 20; i++) {
                    try (Lease<Endpoint> lease =
                            balancer.acquire(PickContext.create().affinity(client))) {
                        first = first == null ? lease.endpoint().id() : first;
                        assertThat(lease.endpoint().id()).isEqualTo(first);
                    }
                }
            }
        }
    }

    @Example
    void pick_withoutAffinity_goesByWeight() {
        try (LoadBalancer<Endpoint> balancer =
                balancer(Policy.consistentHash(Placement.rendezvous()), EndpointSource.of(Fleets.weighted(1, 2, 7)))) {
            int[] counts = Fleets.picks(balancer, 3, 20_000);
            assertThat(counts[2]).isBetween(13_400, 14_600);
            assertThat(counts[1]).isBetween(3_700, 4_300);
        }
    }

    @Example
    void pick_weightsOrFleetsTooBigForThePlacement_stillPlaces() {
        Endpoint[] heavy = Fleets.weighted(1_000_000, 999_999, 1);
        try (LoadBalancer<Endpoint> balancer =
                balancer(Policy.consistentHash(Placement.ring()), EndpointSource.of(heavy))) {
            int[] counts = Fleets.picks(balancer, 3, 10_000);
            assertThat(counts[0]).isBetween(4_000, 6_000);
        }
        try (LoadBalancer<Endpoint> balancer =
                balancer(Policy.consistentHash(Placement.maglev(3)), EndpointSource.of(Fleets.equal(5)))) {
            assertThat(owners(balancer)).contains("e0000", "e0001", "e0002", "e0003", "e0004");
        }
    }

    @Example
    void policy_badArguments_sayWhatWasExpected() {
        assertThatThrownBy(() -> Policy.consistentHash(Placement.slots()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("placement must depend on the nodes and their weights alone: placement=slots/65536 "
                        + "(expected: ring, maglev or rendezvous)");
        assertThatThrownBy(() -> Policy.consistentHash(Placement.modulo())).hasMessageContaining("placement=modulo");
        assertThatThrownBy(() -> Policy.consistentHash(Placement.jumpBack())).hasMessageContaining("placement=");
        assertThatThrownBy(() -> Policy.consistentHash(Placement.ring(), 0))
                .hasMessage("epsilon must be positive and finite: epsilon=0.0 (expected: more than 0)");
        assertThat(Policy.consistentHash(Placement.ring(), 0.25)).asString().startsWith("consistentHash(ring");
    }
}
