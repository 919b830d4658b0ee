// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import org.jspecify.annotations.Nullable;

/**
 * Where one key lives at the moment.
 *
 * <p>While it moves, a write goes to two places. The first one is always the old one, though later in a resharding reads
 * go to the new one: both are asked whether an alias is free, and two nodes in neighbouring states must ask in one order.
 *
 * @param reads where to read
 * @param first where to write
 * @param second where to write after that; null if there is one place only
 * @param clicks where to count and read clicks
 * @param clicksBefore where clicks were counted before, until they are carried over; null if nowhere else
 */
record Places(
        Database reads,
        Database first,
        @Nullable Database second,
        Database clicks,
        @Nullable Database clicksBefore) {}
