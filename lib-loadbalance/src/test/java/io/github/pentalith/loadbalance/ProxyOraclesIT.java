// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.RequiresTool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside nginx and HAProxy: whose rotation is fairer, and what a client notices when a backend dies or hangs. */
@RequiresTool(value = "nginx", debianPackage = "nginx-light")
class ProxyOraclesIT {
    private static final boolean LONG_FORM = "long".equals(System.getProperty("pentalith.tests"));
    private static final int MOST_SERVERS = 8;

    @TempDir
    Path directory;

    private Proxies proxies;

    @BeforeEach
    void start() {
        proxies = new Proxies(directory);
    }

    @AfterEach
    void stop() {
        proxies.close();
    }

    // Fairness

    private static List<int[]> weightSets() {
        List<int[]> sets = new ArrayList<>(List.of(
                new int[] {5, 1, 1},
                new int[] {4, 3, 2, 1},
                new int[] {100, 100, 25},
                new int[] {1, 1, 1, 1, 1},
                new int[] {50, 1, 1, 1, 1, 1, 1, 1}));
        Random random = new Random(20);
        while (sets.size() < 20) {
            sets.add(random.ints(2 + random.nextInt(MOST_SERVERS - 1), 1, 25).toArray());
        }
        return sets;
    }

    @Test
    void weighted_besideNginxOverTwentyWeightSets_neverErrsByMoreThanOneRequest() throws IOException {
        List<int[]> sets = weightSets();
        StringBuilder http = new StringBuilder();
        int[] ports = new int[MOST_SERVERS];
        for (int i = 0; i < MOST_SERVERS; i++) {
            ports[i] = Proxies.freePort();
            http.append("server { listen 127.0.0.1:%d; location / { return 200 '%d'; } }\n".formatted(ports[i], i));
        }
        int front = Proxies.freePort();
        StringBuilder locations = new StringBuilder();
        for (int set = 0; set < sets.size(); set++) {
            int[] weights = sets.get(set);
            http.append("upstream u").append(set).append(" {");
            for (int i = 0; i < weights.length; i++) {
                http.append(" server 127.0.0.1:%d weight=%d;".formatted(ports[i], weights[i]));
            }
            http.append(" }\n");
            locations.append("location = /%d { proxy_pass http://u%d/; }\n".formatted(set, set));
        }
        http.append("server { listen 127.0.0.1:%d;\n%s}\n".formatted(front, locations));
        proxies.nginx(http.toString(), front);

        double worstOurs = 0;
        double worstNginx = 0;
        for (int set = 0; set < sets.size(); set++) {
            int[] weights = sets.get(set);
            String path = "/" + set;
            int picks = Math.min(2 * Arrays.stream(weights).sum(), 300);
            double nginx = worstPrefixError(
                    weights, picks, () -> Integer.parseInt(get(front, path).strip()));
            double ours;
            try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder(
                            "ours", EndpointSource.of(Fleets.weighted(weights)))
                    .policy(Policy.weighted())
                    .build()) {
                ours = worstPrefixError(weights, picks, () -> {
                    try (Lease<Endpoint> lease = balancer.acquire()) {
                        return Fleets.number(lease.endpoint());
                    }
                });
            }
            System.out.printf(
                    Locale.ROOT,
                    "worst prefix error: ours %.3f, nginx %.3f, weights %s%n",
                    ours,
                    nginx,
                    Arrays.toString(weights));
            assertThat(ours).as(Arrays.toString(weights)).isLessThan(1);
            worstOurs = Math.max(worstOurs, ours);
            worstNginx = Math.max(worstNginx, nginx);
        }
        System.out.printf(Locale.ROOT, "worst of all: ours %.3f, nginx %.3f%n", worstOurs, worstNginx);
        assertThat(worstNginx).as("nginx rotates too, so the yardstick is one").isBetween(0.4, 2.0);
    }

    private static String get(int port, String path) {
        try {
            return Proxies.get(port, path, 10_000, 10_000);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static double worstPrefixError(int[] weights, int picks, IntSupplier next) {
        double sum = Arrays.stream(weights).sum();
        int[] counts = new int[weights.length];
        double worst = 0;
        for (int t = 1; t <= picks; t++) {
            counts[next.getAsInt()]++;
            for (int i = 0; i < counts.length; i++) {
                worst = Math.max(worst, Math.abs(counts[i] - t * weights[i] / sum));
            }
        }
        return worst;
    }

    // Fail-over

    private static final int ATTEMPT_MILLIS = 300;
    private static final int CLIENT_MILLIS = 2_000;
    private static final long SLOW = 250_000_000L; // an attempt must have run into its time limit

    /** A way to the backends, and what its clients noticed. */
    private static final class Way {
        final String name;
        final Request request;
        final AtomicInteger calls = new AtomicInteger();
        final AtomicInteger errors = new AtomicInteger();
        final AtomicInteger slow = new AtomicInteger();
        final AtomicLong lastAffected = new AtomicLong();

        Way(String name, Request request) {
            this.name = name;
            this.request = request;
        }

        double recovery(long fault) {
            return Math.max(0, lastAffected.get() - fault) / 1e9;
        }

        void once() {
            long begin = System.nanoTime();
            boolean good = true;
            try {
                request.send();
            } catch (IOException | RuntimeException e) {
                good = false;
            }
            long end = System.nanoTime();
            calls.incrementAndGet();
            errors.addAndGet(good ? 0 : 1);
            slow.addAndGet(good && end - begin >= SLOW ? 1 : 0);
            if (!good || end - begin >= SLOW) {
                lastAffected.accumulateAndGet(end, Math::max);
            }
        }
    }

    private interface Request {
        void send() throws IOException;
    }

    @Test
    @RequiresTool("haproxy")
    void failOver_killedAndHangingBackend_isNoticedNoMoreThanThroughNginxOrHaproxy() throws Exception {
        List<String> table = new ArrayList<>();
        for (String signal : List.of("KILL", "STOP")) {
            drill(signal, table);
        }
        table.forEach(System.out::println);
    }

    private void drill(String signal, List<String> table) throws Exception {
        int[] ports = new int[3];
        Process[] backends = new Process[3];
        for (int i = 0; i < 3; i++) {
            ports[i] = Proxies.freePort();
            backends[i] = proxies.nginx(
                    "server { listen 127.0.0.1:%d backlog=1024; location / { return 200 'ok'; } }".formatted(ports[i]),
                    ports[i]);
        }
        int nginx = Proxies.freePort();
        proxies.nginx("""
                upstream fleet { server 127.0.0.1:%d; server 127.0.0.1:%d; server 127.0.0.1:%d; }
                server { listen 127.0.0.1:%d; location / {
                  proxy_pass http://fleet; proxy_connect_timeout %5$dms; proxy_read_timeout %5$dms;
                  proxy_next_upstream error timeout; proxy_next_upstream_tries 3; } }
                """.formatted(ports[0], ports[1], ports[2], nginx, ATTEMPT_MILLIS), nginx);
        int haproxy = Proxies.freePort();
        proxies.haproxy("""
                defaults
                  mode http
                  timeout client 5s
                  timeout connect %5$dms
                  timeout server %5$dms
                  retries 2
                  option redispatch 1
                  retry-on conn-failure empty-response response-timeout
                frontend front
                  bind 127.0.0.1:%4$d
                  default_backend fleet
                backend fleet
                  option httpchk GET /
                  default-server check inter 200ms fall 2 rise 2
                  server a 127.0.0.1:%1$d
                  server b 127.0.0.1:%2$d
                  server c 127.0.0.1:%3$d
                """.formatted(ports[0], ports[1], ports[2], haproxy, ATTEMPT_MILLIS), haproxy);
        Endpoint[] endpoints = Arrays.stream(ports)
                .mapToObj(port -> Endpoint.of("127.0.0.1", port))
                .toArray(Endpoint[]::new);
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("ours", EndpointSource.of(endpoints))
                .healthProbe(HealthProbe.http("/")
                        .interval(Duration.ofMillis(200))
                        .fastInterval(Duration.ofMillis(200))
                        .timeout(Duration.ofMillis(200))
                        .fall(2)
                        .rise(2))
                .outlierDetection(OutlierDetection.defaults().consecutiveFailures(1)) // nginx's max_fails
                .build()) {
            List<Way> ways = List.of(
                    new Way("ours", () -> ours(balancer)),
                    new Way("nginx", () -> Proxies.get(nginx, "/", CLIENT_MILLIS, CLIENT_MILLIS)),
                    new Way("haproxy", () -> Proxies.get(haproxy, "/", CLIENT_MILLIS, CLIENT_MILLIS)));
            long fault = underLoad(ways, backends[1], signal);
            for (Way way : ways) {
                table.add(String.format(
                        Locale.ROOT,
                        "%-4s %-8s %5d calls, %3d errors, %3d slow, recovered after %.2f s",
                        signal,
                        way.name,
                        way.calls.get(),
                        way.errors.get(),
                        way.slow.get(),
                        way.recovery(fault)));
            }
            Way ours = ways.get(0);
            assertThat(ours.errors).as(table.toString()).hasValue(0);
            for (Way peer : ways.subList(1, 3)) {
                assertThat(ours.errors.get()).isLessThanOrEqualTo(peer.errors.get());
                if (LONG_FORM) { // a machine that stands still for a moment decides who recovers first
                    // Half an attempt's time of slack, as the calls of the three ways are not the same instants.
                    assertThat(ours.recovery(fault))
                            .as("%s", table)
                            .isLessThanOrEqualTo(peer.recovery(fault) + ATTEMPT_MILLIS / 2e3);
                }
            }
        }
    }

    /** As a client of ours would: up to three attempts, each at another endpoint. */
    private static void ours(LoadBalancer<Endpoint> balancer) throws IOException {
        PickContext request = PickContext.create();
        for (int attempt = 1; ; attempt++) {
            try {
                String unused = balancer.call(
                        request, lease -> Proxies.get(lease.target().port(), "/", ATTEMPT_MILLIS, ATTEMPT_MILLIS));
                return;
            } catch (IOException e) {
                if (attempt == 3) {
                    throw e;
                }
            }
        }
    }

    /** Two clients per way, each with a call every 5 ms or so; the fault comes when all have made some calls. */
    private static long underLoad(List<Way> ways, Process victim, String signal) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        CountDownLatch warm = new CountDownLatch(2 * ways.size());
        for (Way way : ways) {
            for (int i = 0; i < 2; i++) {
                Thread client = new Thread(() -> {
                    for (int call = 0; !stop.get(); call++) {
                        way.once();
                        if (call == 60) {
                            warm.countDown();
                        }
                        java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
                    }
                });
                clients.add(client);
                client.start();
            }
        }
        assertThat(warm.await(120, TimeUnit.SECONDS)).isTrue();
        ways.forEach(way -> {
            way.errors.set(0);
            way.slow.set(0);
            way.calls.set(0);
        });
        long fault = System.nanoTime();
        Proxies.signal(victim, signal);
        // All go on until each way has made many calls since and four seconds have gone by.
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> System.nanoTime() - fault > 4_000_000_000L
                        && ways.stream().allMatch(way -> way.calls.get() > 300));
        stop.set(true);
        for (Thread client : clients) {
            client.join();
        }
        return fault;
    }
}
