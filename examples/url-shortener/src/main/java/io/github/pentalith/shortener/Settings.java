// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.shortener.link.UrlRules;
import java.net.URI;
import java.nio.file.Path;
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
 */
public record Settings(
        int port,
        @Nullable URI baseUrl,
        int nodes,
        int shards,
        int rateLimit,
        @Nullable Path data) {

    /** Checks all values. */
    public Settings {
        requireRange("port", port, 0, 65_535);
        requireRange("nodes", nodes, 1, 64);
        requireRange("shards", shards, 1, 64);
        requireRange("rate-limit", rateLimit, 1, 1_000_000);
        if (baseUrl != null) {
            baseUrl = requireBase(baseUrl);
        }
    }

    /** {@return the settings of somebody who sets nothing} */
    public static Settings defaults() {
        return new Settings(8080, null, 3, 4, 100, null);
    }

    /** {@return the same on another port} */
    public Settings port(int other) {
        return new Settings(other, baseUrl, nodes, shards, rateLimit, data);
    }

    /** {@return the same with other short URLs} */
    public Settings baseUrl(URI other) {
        return new Settings(port, other, nodes, shards, rateLimit, data);
    }

    /** {@return the same with that many nodes} */
    public Settings nodes(int other) {
        return new Settings(port, baseUrl, other, shards, rateLimit, data);
    }

    /** {@return the same with that many databases} */
    public Settings shards(int other) {
        return new Settings(port, baseUrl, nodes, other, rateLimit, data);
    }

    /** {@return the same with that many new links per second and user} */
    public Settings rateLimit(int other) {
        return new Settings(port, baseUrl, nodes, shards, other, data);
    }

    /** {@return the same with its data there} */
    public Settings data(Path other) {
        return new Settings(port, baseUrl, nodes, shards, rateLimit, other);
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
