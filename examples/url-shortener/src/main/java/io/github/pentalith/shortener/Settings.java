// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.shortener.admin.AdminApi;
import io.github.pentalith.shortener.link.UrlRules;
import io.github.pentalith.shortener.node.RedisUrl;
import io.github.pentalith.shortener.store.Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be set.
 *
 * @param port where the front listens; 0 for any free port
 * @param baseUrl what short URLs start with; null for {@code http://localhost:<port>}
 * @param nodes number of application nodes, 1 to 64
 * @param shards number of databases, 1 to 64
 * @param rateLimit new links per second and user, 1 to 1,000,000; twice as many at once
 * @param data where the data stays; null for a temporary directory
 * @param external what is elsewhere
 * @param admin where shards are added
 * @param scaling between which numbers of nodes the auto-scaler may choose
 */
public record Settings(
        int port,
        @Nullable URI baseUrl,
        int nodes,
        int shards,
        int rateLimit,
        @Nullable Path data,
        External external,
        Admin admin,
        Scaling scaling) {

    /**
     * Parts that this program does not bring itself.
     *
     * @param redis the Redis; null for an embedded one
     * @param jdbc the databases, in order; empty for embedded ones
     */
    public record External(@Nullable Address redis, List<Address> jdbc) {
        /** Nothing is elsewhere. */
        public static final External NONE = new External(null, List.of());

        /** Checks the URL of the Redis. */
        public External {
            if (redis != null) {
                RedisStore unused = RedisUrl.store(redis);
            }
            jdbc = List.copyOf(jdbc);
        }
    }

    /**
     * The listener for operators.
     *
     * @param port where it listens; 0 for any free port, -1 for nowhere
     * @param host the address of the interface
     * @param token what who asks must show; null for nothing, on the loopback interface only
     */
    public record Admin(int port, String host, AdminApi.@Nullable Token token) {
        /** There is none. */
        public static final Admin NONE = new Admin(-1, "127.0.0.1", null);

        /** Checks all values. */
        public Admin {
            requireRange("admin-port", port, -1, 65_535);
            try {
                if (token == null && !InetAddress.getByName(host).isLoopbackAddress()) {
                    throw new IllegalArgumentException(
                            "admin-token must be set: admin-host=" + host + " (expected: a token, or 127.0.0.1)");
                }
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(
                        "admin-host must be known: admin-host=" + host + " (expected: an address of this machine)", e);
            }
        }
    }

    /**
     * How the number of nodes follows the load.
     *
     * @param min the least number of nodes
     * @param max the greatest; 0 for no auto-scaler
     * @param load as many requests with a node at once, on average, as it is to have; 1 to 64, its threads
     * @param calm for how long fewer nodes must have been enough before one is taken away
     */
    public record Scaling(int min, int max, int load, Duration calm) {
        /** The number of nodes stays. */
        public static final Scaling NONE = new Scaling(1, 0, 8, Duration.ofMinutes(5));

        /** Checks all values. */
        public Scaling {
            requireRange("max-nodes", max, 0, 64);
            requireRange("min-nodes", min, 1, max == 0 ? 64 : max);
            requireRange("node-load", load, 1, 64);
        }

        /** {@return whether the number can change} */
        boolean isOpen() {
            return max > 0;
        }
    }

    /** Checks all values. */
    public Settings {
        requireRange("port", port, 0, 65_535);
        requireRange("nodes", nodes, 1, 64);
        requireRange("shards", shards, 1, 64);
        requireRange("rate-limit", rateLimit, 1, 1_000_000);
        if (baseUrl != null) {
            baseUrl = requireBase(baseUrl);
        }
        if (scaling.isOpen()) {
            requireRange("nodes", nodes, scaling.min(), scaling.max());
        }
        int databases = external.jdbc().size();
        if (databases > 0 && databases != shards) {
            throw new IllegalArgumentException("shards must be the number of jdbc: shards=" + shards + " (expected: "
                    + databases + ", or nothing)");
        }
        if (databases > 0 && data != null) {
            throw new IllegalArgumentException("data must not be set: data=" + data
                    + " (expected: nothing, as the databases of jdbc keep the data)");
        }
    }

    /** {@return the settings of somebody who sets nothing} */
    public static Settings defaults() {
        return new Settings(8080, null, 3, 4, 100, null, External.NONE, Admin.NONE, Scaling.NONE);
    }

    /** {@return the same on another port} */
    public Settings port(int other) {
        return new Settings(other, baseUrl, nodes, shards, rateLimit, data, external, admin, scaling);
    }

    /** {@return the same with other short URLs} */
    public Settings baseUrl(URI other) {
        return new Settings(port, other, nodes, shards, rateLimit, data, external, admin, scaling);
    }

    /** {@return the same with that many nodes} */
    public Settings nodes(int other) {
        return new Settings(port, baseUrl, other, shards, rateLimit, data, external, admin, scaling);
    }

    /** {@return the same with that many databases} */
    public Settings shards(int other) {
        return new Settings(port, baseUrl, nodes, other, rateLimit, data, external, admin, scaling);
    }

    /** {@return the same with that many new links per second and user} */
    public Settings rateLimit(int other) {
        return new Settings(port, baseUrl, nodes, shards, other, data, external, admin, scaling);
    }

    /** {@return the same with its data there} */
    public Settings data(Path other) {
        return new Settings(port, baseUrl, nodes, shards, rateLimit, other, external, admin, scaling);
    }

    /** {@return the same with its databases there, and as many shards} */
    public Settings jdbc(List<Address> other) {
        return new Settings(
                port,
                baseUrl,
                nodes,
                other.size(),
                rateLimit,
                data,
                new External(external.redis(), other),
                admin,
                scaling);
    }

    /** {@return the same with its Redis there} */
    public Settings redis(Address other) {
        return new Settings(
                port, baseUrl, nodes, shards, rateLimit, data, new External(other, external.jdbc()), admin, scaling);
    }

    /** {@return the same with a listener for operators} */
    public Settings admin(Admin other) {
        return new Settings(port, baseUrl, nodes, shards, rateLimit, data, external, other, scaling);
    }

    /** {@return the same with a number of nodes that follows the load} */
    public Settings scaling(Scaling other) {
        return new Settings(port, baseUrl, nodes, shards, rateLimit, data, external, admin, other);
    }

    private static void requireRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    String.format("%s must be in range: %s=%d (expected: %,d to %,d)", name, name, value, least, most));
        }
    }

    private static URI requireBase(URI url) {
        new UrlRules(url);
        if (url.getRawQuery() != null || url.getRawFragment() != null || url.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "base-url must be plain: base-url=" + url + " (expected: no user, query or fragment)");
        }
        String text = url.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
    }
}
