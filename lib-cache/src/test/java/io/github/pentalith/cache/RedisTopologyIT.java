// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import io.github.pentalith.testkit.RedisCluster;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same store on a cluster, behind sentinels and through TLS, on real servers. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RedisTopologyIT {
    private static final int KEYS = 60; // spread over three nodes, never all on one

    private final List<TieredCache<?, ?>> open = new ArrayList<>();
    private final Map<String, String> source = new ConcurrentHashMap<>();
    private final AtomicInteger loads = new AtomicInteger();

    @AfterEach
    void close() {
        open.forEach(TieredCache::close);
        Nodes.assertNoThreads();
    }

    private TieredCache<String, String> node(RedisStore.Builder store) {
        TieredCache<String, String> cache = TieredCache.builder("users", String.class, String.class)
                .remote(store.timeout(Duration.ofSeconds(5)).build())
                .entry(EntryOptions.of(Duration.ofMinutes(10)))
                .loader(key -> {
                    loads.incrementAndGet();
                    return source.get(key);
                })
                .build();
        open.add(cache);
        return cache;
    }

    private static void awaitState(TieredCache<?, ?> cache, RemoteState state) {
        Nodes.soon(() -> cache.stats().remoteState() == state);
    }

    private static RedisStore.Builder cluster(RedisCluster cluster) {
        List<String> uris = cluster.uris().stream().map(Object::toString).toList();
        return RedisStore.cluster(uris.get(0), uris.subList(1, uris.size()).toArray(String[]::new));
    }

    private void fill(String value) {
        source.putAll(expected(value));
    }

    private static Map<String, String> expected(String value) {
        return Nodes.keys(KEYS, value);
    }

    @Test
    void cluster_loadsOnceInvalidatesEverywhereAndClears() {
        try (RedisCluster cluster = RealRedis.cluster(3)) {
            fill("old");
            TieredCache<String, String> a = node(cluster(cluster));
            TieredCache<String, String> b = node(cluster(cluster));
            Nodes.awaitLive(a);
            Nodes.awaitLive(b);

            assertThat(a.getAll(source.keySet())).isEqualTo(expected("old"));
            assertThat(b.getAll(source.keySet())).isEqualTo(expected("old"));
            assertThat(loads).hasValue(KEYS);
            source.keySet().forEach(key -> Nodes.awaitHeld(b, key, "old"));

            fill("new");
            a.invalidateAll(source.keySet());
            assertThat(a.getAll(source.keySet())).isEqualTo(expected("new"));
            Nodes.soon(() -> b.getAll(source.keySet()).equals(expected("new")));

            fill("newest");
            a.clear();
            assertThat(a.getAll(source.keySet())).isEqualTo(expected("newest"));
            Nodes.soon(() -> b.getAll(source.keySet()).equals(expected("newest")));
            assertThat(a.stats().remoteFailures()).isZero();
            open.forEach(TieredCache::close);
        }
    }

    @Test
    void cluster_slotThatMoves_isFollowedAndStillWatched() {
        try (RedisCluster cluster = RealRedis.cluster(2)) {
            TieredCache<String, String> a = node(cluster(cluster));
            TieredCache<String, String> b = node(cluster(cluster));
            Nodes.awaitLive(a);
            Nodes.awaitLive(b);
            a.put("k", "1");
            Nodes.awaitHeld(b, "k", "1");

            moveSlotOf("users:{k}", cluster);
            a.put("k", "2");

            Nodes.awaitHeld(b, "k", "2");
            assertThat(a.get("k")).isEqualTo("2");
            assertThat(a.stats().pendingWrites()).isZero();
            open.forEach(TieredCache::close);
        }
    }

    private static void moveSlotOf(String key, RedisCluster cluster) {
        String slot = String.valueOf(cluster.nodes().get(0).command("CLUSTER", "KEYSLOT", key));
        boolean first = Integer.parseInt(slot) < 8192;
        RealRedis from = cluster.nodes().get(first ? 0 : 1);
        RealRedis to = cluster.nodes().get(first ? 1 : 0);
        String target = String.valueOf(to.command("CLUSTER", "MYID"));
        to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", String.valueOf(from.command("CLUSTER", "MYID")));
        from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", target);
        from.command("MIGRATE", "127.0.0.1", Integer.toString(to.port()), key, "0", "5000");
        to.command("CLUSTER", "SETSLOT", slot, "NODE", target);
        from.command("CLUSTER", "SETSLOT", slot, "NODE", target);
    }

    @Test
    void cluster_nodeKilled_endsTheProofsAndItsReturnBringsThemBack() {
        try (RedisCluster cluster = RealRedis.cluster(3)) {
            fill("old");
            TieredCache<String, String> a = node(cluster(cluster));
            Nodes.awaitLive(a);
            a.getAll(source.keySet());

            cluster.nodes().get(1).kill();
            awaitState(a, RemoteState.UNVERIFIED);
            fill("new");
            a.invalidateAll(source.keySet());
            assertThat(a.getAll(source.keySet())).isEqualTo(expected("new"));

            cluster.nodes().get(1).start();
            Nodes.awaitLive(a);
            Nodes.soon(() -> a.stats().pendingWrites() == 0);
            assertThat(a.getAll(source.keySet())).isEqualTo(expected("new"));
            open.forEach(TieredCache::close);
        }
    }

    @Test
    void sentinel_failover_isFollowed() {
        try (RealRedis master = RealRedis.launch();
                RealRedis replica = RealRedis.builder()
                        .config("replicaof 127.0.0.1 " + master.port())
                        .launch();
                RealRedis sentinel =
                        RealRedis.builder().sentinel("mymaster", master).launch()) {
            Nodes.soon(() ->
                    Nodes.reply(sentinel, "SENTINEL", "replicas", "mymaster").contains("master-link-status, ok"));
            String nobody = "redis://127.0.0.1:1";
            TieredCache<String, String> a = node(RedisStore.sentinel(
                    "redis://mymaster/0", nobody, sentinel.uri().toString()));
            Nodes.awaitLive(a);
            a.put("k", "1");

            master.kill();
            Nodes.soon(() -> Nodes.reply(replica, "ROLE").startsWith("[master"));
            Nodes.awaitLive(a);
            Nodes.soon(() -> {
                a.put("k", "2");
                return Nodes.reply(replica, "EXISTS", "users:{k}").equals("1");
            });

            Nodes.awaitHeld(a, "k", "2");
            assertThat(a).asString().contains("mymaster");
            open.forEach(TieredCache::close);
        }
    }

    @Test
    void tls_withUserAndPassword_isUsedAndVerified(@TempDir Path directory) throws Exception {
        Path store = directory.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "redis",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=redis",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        Path certificate = directory.resolve("redis.crt");
        Path key = directory.resolve("redis.key");
        pem(certificate, "CERTIFICATE", keys.getCertificate("redis").getEncoded());
        pem(key, "PRIVATE KEY", keys.getKey("redis", "changeit".toCharArray()).getEncoded());
        int port = freePort();
        try (RealRedis redis = RealRedis.builder()
                .config("tls-port " + port)
                .config("tls-cert-file " + certificate)
                .config("tls-key-file " + key)
                .config("tls-ca-cert-file " + certificate)
                .config("tls-auth-clients no")
                .config("user cache on >secret ~* &* +@all")
                .launch()) {
            String uri = "rediss://cache:secret@127.0.0.1:" + port;
            source.put("k", "v");
            TieredCache<String, String> trusting = node(RedisStore.builder(uri).sslContext(trusting(keys)));
            Nodes.awaitLive(trusting);
            assertThat(trusting.get("k")).isEqualTo("v");
            Nodes.awaitHeld(trusting, "k", "v");
            assertThat(redis.command("EXISTS", "users:{k}")).isEqualTo(1L);
            assertThat(trusting).asString().contains("rediss://127.0.0.1").doesNotContain("secret");

            TieredCache<String, String> distrusting = node(RedisStore.builder(uri));
            assertThat(distrusting.get("k")).isEqualTo("v");
            assertThat(distrusting.stats().remoteFailures()).isPositive();
            assertThat(distrusting.stats().remoteState()).isEqualTo(RemoteState.UNVERIFIED);
            open.forEach(TieredCache::close);
        }
    }

    private static SSLContext trusting(KeyStore keys) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("redis", keys.getCertificate("redis"));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static void pem(Path file, String kind, byte[] der) throws Exception {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void settings_areCheckedAtTheDoorAndShowNoCredentials() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        RedisStore.cluster("redis://u:secret@127.0.0.1:1/3").build())
                .withMessage("database of a cluster must be 0: database=3 (expected: 0 or none)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisStore.sentinel("redis://mymaster"))
                .withMessage("sentinels must not be empty (expected: at least one URI)");
        assertThat(RedisStore.cluster("redis://u:secret@127.0.0.1:1", "redis://127.0.0.1:2")
                        .build())
                .hasToString("RedisStore[cluster[redis://127.0.0.1:1/0, redis://127.0.0.1:2/0], connections=2,"
                        + " timeout=200 ms]");
        assertThat(RedisStore.sentinel("redis://u:secret@mymaster/2", "redis://s:hidden@127.0.0.1:3")
                        .build())
                .hasToString("RedisStore[redis://mymaster of [redis://127.0.0.1:3/0]/2, connections=2,"
                        + " timeout=200 ms]");
    }
}
