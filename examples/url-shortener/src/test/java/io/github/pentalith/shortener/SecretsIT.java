// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.testkit.RealRedis;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar with a Redis that wants TLS, a user and a password: they are used, and nothing the program says shows them. */
class SecretsIT {
    private static final String SECRET = "open-sesame";

    @TempDir
    private Path directory;

    @Test
    void redis_withTlsUserAndPassword_isUsedAndTheyAreShownNowhere() throws Exception {
        Path key = directory.resolve("redis.key");
        Path certificate = directory.resolve("redis.crt");
        Path trusted = directory.resolve("trusted.p12");
        Path own = directory.resolve("own.p12");
        keytool(own, "-genkeypair", "-keyalg", "EC", "-dname", "CN=redis", "-ext", "san=ip:127.0.0.1");
        keytool(own, "-exportcert", "-rfc", "-file", certificate.toString());
        keytool(trusted, "-importcert", "-noprompt", "-file", certificate.toString());
        KeyStore keys = KeyStore.getInstance(own.toFile(), "changeit".toCharArray());
        String pem = Base64.getMimeEncoder()
                .encodeToString(keys.getKey("redis", "changeit".toCharArray()).getEncoded());
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\n" + pem + "\n-----END PRIVATE KEY-----\n");
        int port = freePort();
        try (RealRedis redis = RealRedis.builder()
                        .config("tls-port " + port)
                        .config("tls-cert-file " + certificate)
                        .config("tls-key-file " + key)
                        .config("tls-ca-cert-file " + certificate)
                        .config("tls-auth-clients no")
                        .config("user links on >" + SECRET + " ~* &* +@all")
                        .launch();
                Jar jar = new Jar(directory)) {
            String host = "@127.0.0.1:" + port;
            start(jar, trusted, "rediss://links:" + SECRET + host);
            Client client = new Client(jar.awaitWarm());
            String code = client.make("https://example.com/");
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                assertThat(client.get("/" + code).status()).isEqualTo(302);
                return !Long.valueOf(0).equals(redis.command("DBSIZE"));
            });
            assertNoSecret(jar, client);

            // With a wrong password all goes on without Redis.
            start(jar, trusted, "rediss://links:wrong-" + SECRET + host);
            Client without = new Client(jar.awaitWarm());
            String other = without.make("https://example.com/");
            assertThat(without.get("/" + other).status()).isEqualTo(302);
            assertThat(without.send("DELETE", "/api/v1/urls/" + other, null).status())
                    .isEqualTo(204);
            assertNoSecret(jar, without);
        }
    }

    private static void start(Jar jar, Path trusted, String redis) throws Exception {
        List<String> trust =
                List.of("-Djavax.net.ssl.trustStore=" + trusted, "-Djavax.net.ssl.trustStorePassword=changeit");
        ProcessBuilder builder =
                new ProcessBuilder(jar.command(trust, "--port", "0", "--nodes", "1", "--shards", "1", "--access-log"));
        builder.environment().put("PENTALITH_REDIS", redis); // not a flag, which all users of the machine see
        jar.launch(builder);
    }

    private static void assertNoSecret(Jar jar, Client client) throws Exception {
        for (String page : new String[] {"/metrics", "/health/ready", "/api/v1/status"}) {
            assertThat(client.get(page).body()).as(page).doesNotContain(SECRET);
        }
        assertThat(jar.output()).contains("Ready: ").doesNotContain(SECRET);
    }

    private static void keytool(Path store, String... words) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(words));
        command.addAll(List.of("-alias", "redis", "-storepass", "changeit", "-keystore", store.toString()));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).isZero();
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
