// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.shortener.store.Address;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From the URL of a Redis to the second level of the cache. {@code rediss} in place of {@code redis} is TLS everywhere.
 *
 * <pre>
 * redis://user:password@host:port/database
 * redis-cluster://user:password@host:port,host:port
 * redis-sentinel://user:password@host:port,host:port/database#master
 * </pre>
 *
 * <p>User and password are those of the Redis servers, written as in any URL ({@code %40} for {@code @}).
 */
public final class RedisUrl {
    private static final Pattern SHAPE = Pattern.compile(
            "(?<scheme>rediss?)(?<kind>|-cluster|-sentinel)://(?<login>[^/?#]*@)?(?<hosts>[^/?#@]+)(?<database>/[0-9]*)?(#(?<master>[^#]+))?");

    private RedisUrl() {}

    /**
     * {@return the store at an address, which connects when it is used}
     *
     * @throws IllegalArgumentException if the address names no Redis; the message shows no credentials
     */
    public static RedisStore store(Address address) {
        Matcher url = SHAPE.matcher(address.reveal());
        if (!url.matches()) {
            throw wrong(address);
        }
        String scheme = url.group("scheme") + "://";
        String login = or(url.group("login"), "");
        String database = or(url.group("database"), "");
        String[] hosts = url.group("hosts").split(",", -1);
        String master = url.group("master");
        String kind = url.group("kind");
        if ((master == null) == kind.equals("-sentinel") || (kind.isEmpty() && hosts.length > 1)) {
            throw wrong(address);
        }
        Stream<String> each = Arrays.stream(hosts);
        return switch (kind) {
            case "-cluster" -> {
                String[] others = each.skip(1).map(host -> scheme + host).toArray(String[]::new);
                yield RedisStore.cluster(scheme + login + hosts[0] + database, others)
                        .build();
            }
            case "-sentinel" -> {
                String[] sentinels = each.map(host -> scheme + host).toArray(String[]::new);
                yield RedisStore.sentinel(scheme + login + master + database, sentinels)
                        .build();
            }
            default -> RedisStore.of(scheme + login + hosts[0] + database);
        };
    }

    private static String or(@Nullable String text, String other) {
        return Objects.requireNonNullElse(text, other);
    }

    private static IllegalArgumentException wrong(Address address) {
        return new IllegalArgumentException("redis must be a URL: redis=" + address
                + " (expected: redis://host:port, redis-cluster://host:port,host:port or"
                + " redis-sentinel://host:port,host:port#master, rediss for TLS)");
    }
}
