// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.shortener.store.Address;
import io.github.pentalith.testkit.RealRedis;
import io.github.pentalith.testkit.RedisCluster;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A Redis Cluster and a Redis with a Sentinel lose a master under load; clients must not notice. */
class RedisTopologyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Map<String, String> links = new HashMap<>();

    @Test
    void cluster_masterDiesAndComesBack_noClientNotices() throws Exception {
        try (RedisCluster cluster = RealRedis.cluster(3);
                Shortener shortener = start(ApiOnRedisClusterIT.address(cluster))) {
            Client client = new Client(shortener.frontUrl());
            try (Load load = new Load(client, links, 4)) {
                awaitMore(load, 200);
                for (RealRedis master : cluster.nodes()) { // each holds links, so the cache is in use
                    await().atMost(PATIENCE).until(() -> !Long.valueOf(0).equals(master.command("DBSIZE")));
                }
                cluster.nodes().get(1).kill();
                awaitMore(load, 500);
                assertWritesAreSeenByAllNodes(shortener);
                cluster.nodes().get(1).start();
                cluster.awaitOk();
                awaitMore(load, 500);
                assertWritesAreSeenByAllNodes(shortener);
                awaitRedisLive(shortener);
                assertThat(load.wrong()).isEmpty();
                System.out.println("master of a cluster killed: " + load);
            }
        }
    }

    @Test
    void sentinel_masterDies_itsSuccessorIsUsedAndNoClientNotices() throws Exception {
        try (RealRedis master = RealRedis.launch();
                RealRedis replica = RealRedis.builder()
                        .config("replicaof 127.0.0.1 " + master.port())
                        .launch();
                RealRedis sentinel =
                        RealRedis.builder().sentinel("links", master).launch()) {
            await().atMost(PATIENCE)
                    .until(() -> String.valueOf(sentinel.command("SENTINEL", "replicas", "links"))
                            .contains("master-link-status, ok"));
            Address address = Address.of("redis-sentinel://" + sentinel.uri().getAuthority() + ",127.0.0.1:1#links");
            try (Shortener shortener = start(address)) {
                Client client = new Client(shortener.frontUrl());
                try (Load load = new Load(client, links, 4)) {
                    awaitMore(load, 200);
                    await().atMost(PATIENCE).until(() -> !Long.valueOf(0).equals(master.command("DBSIZE")));
                    master.kill();
                    await().atMost(PATIENCE)
                            .until(() -> String.valueOf(replica.command("ROLE")).startsWith("[master"));
                    awaitRedisLive(shortener);
                    assertWritesAreSeenByAllNodes(shortener);
                    replica.command("FLUSHALL");
                    await().atMost(PATIENCE) // and it is the successor that the links come to
                            .until(() -> !Long.valueOf(0).equals(replica.command("DBSIZE")));
                    assertThat(load.wrong()).isEmpty();
                    System.out.println("master with a sentinel killed: " + load);
                }
            }
        }
    }

    private Shortener start(Address redis) throws Exception {
        Shortener shortener = Shortener.start(
                Settings.defaults().port(0).nodes(2).rateLimit(100_000).redis(redis));
        Client client = new Client(shortener.frontUrl());
        for (int i = 0; i < 60; i++) {
            String url = "https://example.com/" + i;
            links.put(client.make(url), url);
        }
        awaitRedisLive(shortener);
        return shortener;
    }

    private static void awaitRedisLive(Shortener shortener) {
        for (var node : shortener.nodeUrls()) {
            await().atMost(PATIENCE)
                    .until(() -> new Client(node)
                            .get("/metrics")
                            .body()
                            .contains("pentalith_cache_remote_state{cache=\"links\",state=\"live\"} 1\n"));
        }
    }

    private static void assertWritesAreSeenByAllNodes(Shortener shortener) throws Exception {
        Client front = new Client(shortener.frontUrl());
        List<Client> nodes = shortener.nodeUrls().stream().map(Client::new).toList();
        for (int i = 0; i < 6; i++) { // keys of all masters
            String code = front.make("https://example.com/new");
            for (Client node : nodes) {
                assertThat(node.get("/" + code).status()).isEqualTo(302);
            }
            assertThat(front.send("DELETE", "/api/v1/urls/" + code, null).status())
                    .isEqualTo(204);
            for (Client node : nodes) {
                assertThat(node.get("/" + code).status()).isEqualTo(404);
            }
        }
    }

    private static void awaitMore(Load load, int requests) {
        int before = load.requests();
        await().atMost(PATIENCE).until(() -> load.requests() - before >= requests);
    }
}
