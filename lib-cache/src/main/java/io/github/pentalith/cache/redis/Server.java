// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.util.JedisURIHelper;

/** Where a Redis is and how to connect to it. Never shows its credentials. */
final class Server {
    private final Supplier<HostAndPort> address; // asked at each connection
    private final String host;
    private final JedisClientConfig config;

    private Server(Supplier<HostAndPort> address, String host, JedisClientConfig config) {
        this.address = address;
        this.host = host;
        this.config = config;
    }

    /** {@code trust}: null for the JVM's own. */
    @SuppressWarnings("deprecation") // what takes the place of an SSL factory takes files only
    static Server of(URI uri, Duration timeout, @Nullable SSLContext trust) {
        boolean secure = JedisURIHelper.isRedisSSLScheme(uri);
        if ((!secure && !JedisURIHelper.isRedisScheme(uri)) || uri.getHost() == null) {
            // Not the URI itself, which may hold a password.
            throw new IllegalArgumentException("uri must name a Redis: scheme=" + uri.getScheme() + ", host="
                    + uri.getHost() + " (expected: redis://host:port or rediss://host:port)");
        }
        int millis = (int) timeout.toMillis();
        DefaultJedisClientConfig.Builder settings = DefaultJedisClientConfig.builder()
                .resp2()
                .connectionTimeoutMillis(millis)
                .socketTimeoutMillis(millis)
                .user(JedisURIHelper.getUser(uri))
                .password(JedisURIHelper.getPassword(uri))
                .database(JedisURIHelper.getDBIndex(uri))
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED);
        if (secure && trust == null) {
            settings.sslOptions(SslOptions.defaults()); // the JVM's trust store; host names are verified
        } else if (secure && trust != null) {
            var parameters = trust.getDefaultSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            settings.ssl(true).sslSocketFactory(trust.getSocketFactory()).sslParameters(parameters);
        }
        HostAndPort fixed = new HostAndPort(uri.getHost(), uri.getPort() < 0 ? 6379 : uri.getPort());
        return new Server(() -> fixed, fixed.toString(), settings.build());
    }

    /** Another server with the same credentials. */
    Server at(HostAndPort other) {
        return new Server(() -> other, other.toString(), config);
    }

    /** The same for a server whose address is asked for whenever a connection is made. */
    Server at(Supplier<HostAndPort> other, String name) {
        return new Server(other, name, config);
    }

    HostAndPort address() {
        return address.get();
    }

    /** A connection that is logged in. */
    Connection connect() {
        return new Connection(address(), config);
    }

    /** A socket, with TLS if the URI says so, that is not logged in. */
    Socket socket() {
        return new DefaultJedisSocketFactory(address(), config).createSocket();
    }

    JedisClientConfig config() {
        return config;
    }

    int timeoutMillis() {
        return config.getSocketTimeoutMillis();
    }

    @Override
    public String toString() {
        return (config.isSsl() || config.getSslOptions() != null ? "rediss://" : "redis://") + host + "/"
                + config.getDatabase();
    }
}
