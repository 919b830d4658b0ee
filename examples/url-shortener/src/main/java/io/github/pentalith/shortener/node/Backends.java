// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import java.net.URI;
import java.util.Map;

/**
 * What all nodes share, by address.
 *
 * @param jdbcUrls the SQL shards, in order, by name
 * @param redis the second level of the cache
 */
public record Backends(Map<String, String> jdbcUrls, URI redis) {}
