// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.net.Socket;
import java.net.URI;
import java.time.Duration;
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
    private final HostAndPort address;
    private final JedisClientConfig config;
    private final boolean secure;

    Server(URI uri, Duration timeout) {
        boolean redis = JedisURIHelper.isRedisScheme(uri) || JedisURIHelper.isRedisSSLScheme(uri);
        if (!redis || uri.getHost() == null) {
            // Not the URI itself, which may hold a password.
            throw new IllegalArgumentException("uri must name a Redis: scheme=" + uri.getScheme() + ", host="
                    + uri.getHost() + " (expected: redis://host:port or rediss://host:port)");
        }
        this.address = new HostAndPort(uri.getHost(), uri.getPort() < 0 ? 6379 : uri.getPort());
        int millis = (int) timeout.toMillis();
        DefaultJedisClientConfig.Builder settings = DefaultJedisClientConfig.builder()
                .resp2()
                .connectionTimeoutMillis(millis)
                .socketTimeoutMillis(millis)
                .user(JedisURIHelper.getUser(uri))
                .password(JedisURIHelper.getPassword(uri))
                .database(JedisURIHelper.getDBIndex(uri))
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED);
        this.secure = JedisURIHelper.isRedisSSLScheme(uri);
        if (secure) {
            settings.sslOptions(SslOptions.defaults()); // the JVM's trust store; host names are verified
        }
        this.config = settings.build();
    }

    /** A connection that is logged in. */
    Connection connect() {
        return new Connection(address, config);
    }

    /** A socket, with TLS if the URI says so, that is not logged in. */
    Socket socket() {
        return new DefaultJedisSocketFactory(address, config).createSocket();
    }

    JedisClientConfig config() {
        return config;
    }

    int timeoutMillis() {
        return config.getSocketTimeoutMillis();
    }

    @Override
    public String toString() {
        return (secure ? "rediss://" : "redis://") + address + "/" + config.getDatabase();
    }
}
