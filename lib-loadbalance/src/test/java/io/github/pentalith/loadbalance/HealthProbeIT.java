// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.pentalith.loadbalance.LoadBalancer.State;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Probes and calls against real servers on loopback. */
class HealthProbeIT {
    private final List<Server> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final class Server {
        final HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        final AtomicInteger status = new AtomicInteger(200);
        final AtomicInteger probes = new AtomicInteger();
        final AtomicInteger calls = new AtomicInteger();
        final Endpoint endpoint;

        Server() throws IOException {
            http.setExecutor(threads);
            http.createContext("/health", exchange -> {
                probes.incrementAndGet();
                byte[] body = "x".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
                exchange.sendResponseHeaders(status.get(), body.length);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(body);
                }
            });
            http.createContext("/work", exchange -> {
                calls.incrementAndGet();
                exchange.sendResponseHeaders(204, -1);
                exchange.close();
            });
            http.start();
            endpoint = Endpoint.of("127.0.0.1", http.getAddress().getPort());
        }
    }

    @BeforeEach
    void startServers() throws IOException {
        for (int i = 0; i < 3; i++) {
            servers.add(new Server());
        }
    }

    @AfterEach
    void stopServers() {
        servers.forEach(server -> server.http.stop(0));
        threads.shutdownNow();
    }

    private static HealthProbe quick(HealthProbe probe) {
        return probe.interval(Duration.ofMillis(50))
                .fastInterval(Duration.ofMillis(20))
                .timeout(Duration.ofSeconds(10))
                .rise(2)
                .fall(2);
    }

    private Endpoint[] endpoints() {
        return servers.stream().map(server -> server.endpoint).toArray(Endpoint[]::new);
    }

    private static State state(LoadBalancer<Endpoint> balancer, Endpoint endpoint) {
        return balancer.stats().endpoints().stream()
                .filter(stats -> stats.id().equals(endpoint.id()))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private static void awaitState(LoadBalancer<Endpoint> balancer, Endpoint endpoint, State state) {
        await().atMost(Duration.ofSeconds(60)).until(() -> state(balancer, endpoint) == state);
    }

    @Test
    void http_statusChanges_takeAServerOutAndBack() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", EndpointSource.of(endpoints()))
                .healthProbe(quick(HealthProbe.http("/health")))
                .build()) {
            Server sick = servers.get(1);
            servers.forEach(server -> awaitState(balancer, server.endpoint, State.READY));

            sick.status.set(503);
            awaitState(balancer, sick.endpoint, State.UNHEALTHY);
            assertThat(balancer.explain(PickContext.create()))
                    .filteredOn(candidate -> candidate.endpoint().equals(sick.endpoint))
                    .singleElement()
                    .satisfies(candidate -> assertThat(candidate.why()).startsWith("probe: HTTP/1.1 503"));
            int before = sick.calls.get();
            for (int i = 0; i < 60; i++) {
                int status = balancer.call(lease -> client.send(
                                HttpRequest.newBuilder(URI.create(
                                                "http://" + lease.endpoint().id() + "/work"))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode());
                assertThat(status).isEqualTo(204);
            }
            assertThat(sick.calls).as("calls to the sick server").hasValue(before);

            sick.status.set(200);
            awaitState(balancer, sick.endpoint, State.READY);
            assertThat(balancer.stats().eligible()).isEqualTo(3);
        }
    }

    @Test
    void http_serverStops_isUnhealthy() {
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", EndpointSource.of(endpoints()))
                .healthProbe(quick(HealthProbe.http("/health")))
                .build()) {
            servers.forEach(server -> awaitState(balancer, server.endpoint, State.READY));

            servers.get(0).http.stop(0);

            awaitState(balancer, servers.get(0).endpoint, State.UNHEALTHY);
        }
    }

    @Test
    void http_serverHangs_delaysNobodyElse() throws Exception {
        try (ServerSocket hung = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) { // accepts, never answers
            Endpoint hanging = Endpoint.of("127.0.0.1", hung.getLocalPort());
            Endpoint well = servers.get(0).endpoint;
            try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", EndpointSource.of(hanging, well))
                    .healthProbe(quick(HealthProbe.http("/health")).timeout(Duration.ofMinutes(10)))
                    .build()) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> servers.get(0).probes.get() >= 20);
                assertThat(state(balancer, hanging)).isEqualTo(State.PENDING);
                assertThat(state(balancer, well)).isEqualTo(State.READY);
            }
            try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", EndpointSource.of(hanging, well))
                    .healthProbe(quick(HealthProbe.http("/health")).timeout(Duration.ofMillis(300)))
                    .build()) {
                awaitState(balancer, hanging, State.UNHEALTHY);
            }
        }
    }

    @Test
    void http_answerThatIsNone_isUnhealthy() throws Exception {
        for (String answer : List.of("SSH-2.0-x\r\n", "HTTP/1.1 2000 no\r\n", "", "y".repeat(2_000))) {
            try (ServerSocket odd = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                threads.execute(() -> {
                    while (!odd.isClosed()) {
                        try (Socket socket = odd.accept()) {
                            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                        } catch (IOException e) {
                            return; // the test is over
                        }
                    }
                });
                Endpoint endpoint = Endpoint.of("127.0.0.1", odd.getLocalPort());
                try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", EndpointSource.of(endpoint))
                        .healthProbe(quick(HealthProbe.http("/health")))
                        .build()) {
                    awaitState(balancer, endpoint, State.UNHEALTHY);
                }
            }
        }
    }

    @Test
    void tcp_openAndClosedPort_areHealthyAndNot() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        Endpoint closed = Endpoint.of("127.0.0.1", free);
        Endpoint open = Endpoint.of("localhost", servers.get(0).endpoint.port());
        Endpoint unknown = Endpoint.of("no-such-host.invalid", 1);
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", EndpointSource.of(closed, open, unknown))
                .healthProbe(quick(HealthProbe.tcp()))
                .build()) {
            awaitState(balancer, open, State.READY);
            awaitState(balancer, closed, State.UNHEALTHY);
            awaitState(balancer, unknown, State.UNHEALTHY);
        }
    }

    @Test
    void port_ofTheProbe_isAskedInsteadOfTheEndpoints() {
        Server admin = servers.get(2);
        Endpoint elsewhere = Endpoint.of("127.0.0.1", 1);
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", EndpointSource.of(elsewhere))
                .healthProbe(quick(HealthProbe.http("/health")).port(admin.endpoint.port()))
                .build()) {
            awaitState(balancer, elsewhere, State.READY);
            assertThat(admin.probes.get()).isPositive();
        }
    }

    @Test
    void retry_onAnotherEndpoint_findsTheLivingOne() throws Exception {
        servers.get(0).http.stop(0);
        servers.get(1).http.stop(0);
        HttpClient client = HttpClient.newHttpClient();
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.of("nodes", endpoints())) {
            for (int request = 0; request < 20; request++) {
                PickContext context = PickContext.create();
                int attempts = 0;
                int status = 0;
                while (status == 0) {
                    attempts++;
                    try {
                        status = balancer.call(
                                context,
                                lease -> client.send(
                                                HttpRequest.newBuilder(URI.create("http://"
                                                                + lease.endpoint()
                                                                        .id() + "/work"))
                                                        .build(),
                                                HttpResponse.BodyHandlers.discarding())
                                        .statusCode());
                    } catch (IOException e) {
                        assertThat(attempts).isLessThan(3);
                    }
                }
                assertThat(status).isEqualTo(204);
            }
            assertThat(balancer.stats().succeeded()).isEqualTo(20);
        }
    }
}
