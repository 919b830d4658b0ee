// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.shortener.store.Address;
import io.github.pentalith.shortener.store.Addresses;

/**
 * What all nodes share, by address.
 *
 * @param databases the SQL shards
 * @param redis the second level of the cache
 */
public record Backends(Addresses databases, Address redis) {}
