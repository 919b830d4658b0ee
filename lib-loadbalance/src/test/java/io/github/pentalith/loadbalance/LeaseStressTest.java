// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.sharding.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Leases from several threads while endpoints leave, come back and move: in flight is the number of open leases. */
class LeaseStressTest {
    private static final boolean LONG = "long".equals(System.getProperty("pentalith.tests"));
    private static final int OPERATIONS = LONG ? 5_000_000 : 150_000;

    /** What is attached; knows whether it is used after it was closed. */
    private static final class Client {
        final AtomicInteger users = new AtomicInteger();
        final AtomicBoolean closed = new AtomicBoolean();
    }

    static List<Policy> policies() {
        return List.of(
                Policy.leastRequest(),
                Policy.weighted(),
                Policy.roundRobin(),
                Policy.random(),
                Policy.peakEwma(),
                Policy.consistentHash(Placement.ring(), 0.1));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void leases_withSetsChangingBeneath_areCountedExactly(Policy policy) throws Exception {
        EndpointHolder holder = EndpointHolder.of("stress", Fleets.equal(6));
        Map<Client, Boolean> clients = new ConcurrentHashMap<>();
        AtomicLong misuse = new AtomicLong();
        LoadBalancer<Client> balancer = LoadBalancer.builder("stress", holder)
                .attach(
                        endpoint -> {
                            Client client = new Client();
                            clients.put(client, true);
                            return client;
                        },
                        client -> {
                            if (!client.closed.compareAndSet(false, true) || client.users.get() != 0) {
                                misuse.incrementAndGet();
                            }
                        })
                .executor(Runnable::run)
                .panicThreshold(0)
                .policy(policy)
                .build();
        AtomicLong refused = new AtomicLong();
        AtomicLong taken = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(5);
        List<Future<?>> workers = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            int seed = t;
            workers.add(threads.submit(() -> work(balancer, seed, misuse, refused, taken)));
        }
        Future<?> updater = threads.submit(() -> update(holder, stop));
        Future<?> watcher = threads.submit(() -> {
            while (!stop.get()) {
                balancer.stats().endpoints().forEach(endpoint -> {
                    if (endpoint.inFlight() < 0 || endpoint.inFlight() > 1_000) {
                        misuse.incrementAndGet();
                    }
                });
            }
        });
        for (Future<?> worker : workers) {
            worker.get(120, TimeUnit.SECONDS);
        }
        stop.set(true);
        updater.get(60, TimeUnit.SECONDS);
        watcher.get(60, TimeUnit.SECONDS);
        threads.shutdown();

        LoadBalancer.Stats stats = balancer.stats();
        assertThat(misuse).hasValue(0);
        assertThat(stats.inFlight()).isZero();
        assertThat(stats.acquired()).isEqualTo(taken.get());
        assertThat(stats.refused()).isEqualTo(refused.get());
        assertThat(stats.acquired())
                .isEqualTo(stats.succeeded() + stats.serverErrors() + stats.cancelled() + stats.timeouts());
        assertThat(stats.endpoints())
                .allSatisfy(endpoint -> assertThat(endpoint.inFlight()).isZero());

        balancer.close();
        assertThat(clients.keySet())
                .as("all are closed in the end")
                .allSatisfy(client -> assertThat(client.closed).isTrue());
    }

    private static void work(
            LoadBalancer<Client> balancer, int seed, AtomicLong misuse, AtomicLong refused, AtomicLong taken) {
        SplittableRandom random = new SplittableRandom(seed);
        LoadBalancer.Tokens<Client> tokens = balancer.tokens();
        List<Lease<Client>> open = new ArrayList<>();
        Lease<Client> ended = null;
        for (int i = 0; i < OPERATIONS; i++) {
            try {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> {
                        Lease<Client> lease =
                                random.nextBoolean() ? balancer.acquire() : balancer.acquire(PickContext.create());
                        taken.incrementAndGet();
                        use(lease.target(), misuse);
                        open.add(lease);
                    }
                    case 3 -> {
                        long token = tokens.acquire();
                        taken.incrementAndGet();
                        if (tokens.target(token).closed.get()
                                || !tokens.complete(token, Outcome.TIMEOUT)
                                || tokens.complete(token, Outcome.SUCCESS)) {
                            misuse.incrementAndGet();
                        }
                    }
                    case 4 -> {
                        if (ended != null) { // late verdicts
                            ended.success();
                            ended.close();
                        }
                    }
                    default -> {
                        if (!open.isEmpty()) {
                            ended = open.remove(random.nextInt(open.size()));
                            ended.target().users.decrementAndGet();
                            end(ended, random);
                        }
                    }
                }
            } catch (NoEndpointException e) {
                refused.incrementAndGet();
            }
        }
        for (Lease<Client> lease : open) {
            lease.target().users.decrementAndGet();
            lease.close();
        }
    }

    private static void use(Client client, AtomicLong misuse) {
        client.users.incrementAndGet();
        if (client.closed.get()) {
            misuse.incrementAndGet();
        }
    }

    private static void end(Lease<Client> lease, SplittableRandom random) {
        switch (random.nextInt(3)) {
            case 0 -> lease.success();
            case 1 -> lease.failure(Outcome.SERVER_ERROR);
            default -> lease.close();
        }
    }

    private static void update(EndpointHolder holder, AtomicBoolean stop) {
        SplittableRandom random = new SplittableRandom(99);
        while (!stop.get()) {
            Endpoint endpoint = Fleets.endpoint(random.nextInt(6));
            switch (random.nextInt(5)) {
                case 0 -> holder.update(set -> set.without(endpoint.id()));
                case 1 -> holder.update(set -> set.with(Endpoint.of(endpoint.id(), "moved", endpoint.port())));
                case 2 -> holder.health(endpoint.id(), random.nextBoolean());
                default -> holder.update(set -> set.with(endpoint.weight(1 + endpoint.port())));
            }
        }
    }

    @Test
    void leases_abandonedByThreads_areAllTakenBack() throws Exception {
        LoadBalancer<Endpoint> balancer = LoadBalancer.builder("stress", EndpointSource.of(Fleets.equal(4)))
                .maxLeaseAge(Duration.ofMillis(20))
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<Future<Integer>> ended = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            ended.add(threads.submit(() -> {
                int byOurselves = 0;
                for (int i = 0; i < 20_000; i++) {
                    long token = balancer.tokens().acquire();
                    if (i % 50 != 0 && balancer.tokens().complete(token, Outcome.SUCCESS)) {
                        byOurselves++;
                    }
                }
                return byOurselves;
            }));
        }
        long byThreads = 0;
        for (Future<Integer> count : ended) {
            byThreads += count.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();

        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> balancer.stats().inFlight() == 0);
        LoadBalancer.Stats stats = balancer.stats();
        assertThat(stats.succeeded()).isEqualTo(byThreads);
        assertThat(stats.reclaimed()).isEqualTo(60_000 - byThreads).isGreaterThanOrEqualTo(1_200);
        assertThat(stats.endpoints())
                .allSatisfy(endpoint -> assertThat(endpoint.inFlight()).isZero());
        balancer.close();
    }

    /** So that most threads find no slots of their own; and later ones take over those of threads that have ended. */
    @Test
    void leases_fromManyMoreThreadsThanStripes_endedByOthers_areCountedExactly() throws Exception {
        LoadBalancer<Endpoint> balancer = LoadBalancer.of("stress", Fleets.equal(4));
        LoadBalancer.Tokens<Endpoint> tokens = balancer.tokens();
        int count = 300;
        int each = 40;
        for (int round = 1; round <= 2; round++) {
            long[] handedOver = new long[count * each / 2];
            CountDownLatch acquired = new CountDownLatch(count);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < count; t++) {
                int first = t * each / 2;
                Thread thread = new Thread(() -> {
                    long[] own = new long[each / 2];
                    for (int i = 0; i < own.length; i++) {
                        own[i] = tokens.acquire();
                        handedOver[first + i] = tokens.acquire();
                    }
                    acquired.countDown();
                    for (long token : own) {
                        tokens.complete(token, Outcome.SUCCESS);
                        tokens.complete(token, Outcome.SUCCESS); // does nothing
                    }
                });
                threads.add(thread);
                thread.start();
            }
            assertThat(acquired.await(60, TimeUnit.SECONDS)).isTrue();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(handedOver).doesNotHaveDuplicates();
            assertThat(balancer.stats().inFlight()).isEqualTo(handedOver.length);
            for (long token : handedOver) {
                assertThat(tokens.target(token)).isNotNull();
                assertThat(tokens.complete(token, Outcome.TIMEOUT)).isTrue();
                assertThat(tokens.complete(token, Outcome.TIMEOUT)).isFalse();
            }
            LoadBalancer.Stats stats = balancer.stats();
            assertThat(stats.inFlight()).isZero();
            assertThat(stats.succeeded()).isEqualTo(round * count * each / 2L);
            assertThat(stats.timeouts()).isEqualTo(round * count * each / 2L);
            assertThat(stats.acquired()).isEqualTo(round * count * (long) each);
            assertThat(stats.endpoints())
                    .allSatisfy(endpoint -> assertThat(endpoint.inFlight()).isZero());
        }
        balancer.close();
    }

    @Test
    void roundRobin_manyThreads_isFairInSum() throws Exception {
        LoadBalancer<Endpoint> balancer = LoadBalancer.builder("stress", EndpointSource.of(Fleets.equal(7)))
                .policy(Policy.roundRobin())
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            done.add(threads.submit(() -> {
                for (int i = 0; i < 70_000; i++) {
                    balancer.acquire().success();
                }
            }));
        }
        for (Future<?> each : done) {
            each.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();
        assertThat(balancer.stats().endpoints())
                .allSatisfy(endpoint -> assertThat(endpoint.acquired()).isBetween(39_990L, 40_010L));
        balancer.close();
    }
}
